import { ownerOf } from '../domain/attribution';
import type { Owner } from '../domain/codes';
import type { Connection } from '../domain/connection';
import { AttributedFailure, ProviderFailure } from '../domain/failure';
import type { CheckResult, Finding } from '../domain/finding';
import type { VerificationReport } from '../domain/ports/provider';
import type { CustodyDeps } from './deps';
import { callSignal } from './edge';

type Deps = Pick<CustodyDeps, 'verifier' | 'controlProbe' | 'settings'>;

/** A verification whose failed checks name who can mend them. */
export interface Attributed extends Omit<VerificationReport, 'findings'> {
  readonly findings: readonly Finding[];
}

/**
 * Verifies a connection, and compares what fails with our own canary.
 * @throws AttributedFailure for trouble that says nothing about the customer's set-up
 */
export async function verified(deps: Deps, connection: Connection): Promise<Attributed> {
  const { verifier, controlProbe, settings } = deps;
  const owner = (code: ProviderFailure['code']): Promise<Owner> =>
    ownerOf(controlProbe, connection.input, code, callSignal(settings.verificationMs));
  const attributed = async (found: CheckResult): Promise<Finding> =>
    found.result === 'failed' ? { ...found, owner: await owner(found.code) } : found;
  try {
    const report = await verifier.verify(connection, callSignal(settings.verificationMs));
    return { ...report, findings: await Promise.all(report.findings.map(attributed)) };
  } catch (error) {
    if (!(error instanceof ProviderFailure)) throw error;
    throw new AttributedFailure(error, await owner(error.code));
  }
}

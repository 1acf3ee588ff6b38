import { activityInfo } from '@temporalio/activity';
import type { Connection } from '../domain/connection';
import { AttributedFailure, Refusal } from '../domain/failure';
import { VERIFICATION_ATTEMPTS } from '../domain/finding';
import { type Attributed, verified } from './attribution';
import type { CustodyDeps } from './deps';
import { isRetried } from './edge';
import { type By, commitAs, commitStep, type Place, type Step, standingNow } from './step';

type Deps = Pick<CustodyDeps, 'store' | 'verifier' | 'controlProbe' | 'settings' | 'logger'>;

/**
 * A verification for a step of an operation. Trouble that lets nothing be found is on record with whose it is before
 * anybody hears of it, once nothing tries again by itself.
 * @throws AttributedFailure
 */
export async function verifiedOnRecord(
  deps: Deps,
  step: Place,
  { actor, name }: By,
  connection: Connection,
): Promise<Attributed> {
  try {
    return await verified(deps, connection);
  } catch (error) {
    if (!(error instanceof AttributedFailure) || isTriedAgain(error)) throw error;
    const { code, owner, requestId } = error;
    const { id: connectionId } = connection;
    await commitAs(
      deps.store,
      step,
      { actor, name: `verification-impeded/${name}` },
      { type: 'verification-impeded', connectionId, code, owner, requestId },
      step.stage,
    );
    if (owner === 'operator') {
      const { name: organization } = step.organization;
      deps.logger.error({ event: 'verification.impeded', organization, code, requestId }, 'ours to mend');
    }
    throw error;
  }
}

/**
 * The worker that verified didn't answer, or failed in a way that is ours: on record as well, and for us to mend. What it
 * may have found isn't lost: its own entry stands, and moves the stage.
 * @throws Refusal STAGE_MISMATCH where that has happened
 */
export async function recordImpeded(
  { store, logger }: Pick<Deps, 'store' | 'logger'>,
  step: Step,
): Promise<void> {
  const { connectionId } = await standingNow(store, step);
  if (connectionId === null) throw new Refusal('VERIFICATION_MISSING');
  const change = { type: 'verification-impeded', connectionId, code: 'INTERNAL', owner: 'operator' } as const;
  await commitStep(store, step, { ...change, requestId: null }, step.stage);
  const { name: organization } = step.organization;
  logger.error({ event: 'verification.impeded', organization, code: change.code }, 'ours to mend');
}

/** By Temporal. */
const isTriedAgain = ({ code }: AttributedFailure): boolean =>
  isRetried(code) && activityInfo().attempt < VERIFICATION_ATTEMPTS;

import type { Finding } from '../../domain/finding';
import { verified } from '../attribution';
import { connectionOf } from '../connection';
import type { CustodyDeps } from '../deps';
import { bySystem, recordingRefusals } from '../refusals';
import { bodyOf, commitStep, type Standing, type Step, standingNow } from '../step';

type Deps = Pick<CustodyDeps, 'store' | 'verifier' | 'controlProbe' | 'settings'>;

/**
 * Before anything else a rotation verifies the connection in use, with fresh credentials. What it finds is on record, a
 * canary under the newest version of the key too; reads and writes go on as they did.
 */
export async function verifyForRotation(
  deps: Deps,
  step: Step,
): Promise<{ standing: Standing; findings: readonly Finding[] }> {
  const { store } = deps;
  const about = { organization: step.organization.id, subject: 'rotation' } as const;
  const findings = await recordingRefusals(store, about, bySystem, async () => {
    const connection = await connectionOf(store, step);
    const report = await verified(deps, connection);
    const committed = await commitStep(
      store,
      step,
      { type: 'verification-recorded', connectionId: connection.id, ...report },
      'verification',
    );
    return bodyOf(committed)['findings'] as Finding[];
  });
  return { standing: await standingNow(store, step), findings };
}

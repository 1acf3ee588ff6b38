import { CancellationScope, CancelledFailure, uuid4 } from '@temporalio/workflow';
import { isProviderCode } from '../../domain/codes';
import type { KeyVersion } from '../../domain/ids';
import { failureOf } from '../failures';
import { outlasting } from '../outlasting';
import { judgements, staging } from '../proxies';
import { resync } from './claim';
import { isOutOfStep } from './out-of-step';
import { invalidate } from './perform';
import { moved, type Operation, standingOf, stepOf, troubled } from './state';

/**
 * Live order (a) and (b): every version staged under the key it moves to and proved, then the switch. Until the
 * switch anything that goes wrong only gives up the plan, and with it the lock.
 * @param show called at each step
 */
export async function stageAndSwitch(operation: Operation, show: () => void): Promise<void> {
  try {
    await stageAll(operation, show);
    await switchOver(operation, show);
  } catch (error) {
    const failure = failureOf(error);
    if (failure.kind === 'cancelled') throw error;
    operation.step = null;
    troubled(operation, failure.code, failure.text);
    if (isOutOfStep(failure)) return resync(operation, failure);
    // Refused by a key service: the findings of a verification say what to mend. Else: a new plan is needed.
    const to = isProviderCode(failure.code) ? 'verification' : 'dry-run';
    await invalidate(operation, failure.code, to);
    if (to === 'verification') operation.verifyFor = { sent: null, name: uuid4() };
  }
}

async function stageAll(operation: Operation, show: () => void): Promise<void> {
  const planDigest = planOfLaunch(operation);
  const { rewrap, mint } = await judgements.planVersions.executeWithOptions({ summary: 'read the plan' }, [
    { ...stepOf(operation, 'plan'), planDigest },
  ]);
  const step = (version: number) => ({
    ...stepOf(operation, 'stage', `${planDigest}/${version}`),
    planDigest,
    version: version as KeyVersion,
  });
  operation.step = 'stage';
  show();
  await outlasting(async () => operation.shape.prepare?.(operation));
  for (const version of rewrap) await outlasting(() => operation.shape.stageVersion(step(version)));
  if (mint === null) return;
  operation.step = 'mint';
  show();
  await outlasting(() =>
    staging.mintVersion.executeWithOptions({ summary: `mint key version ${mint}, prove` }, [step(mint)]),
  );
}

async function switchOver(operation: Operation, show: () => void): Promise<void> {
  if (CancellationScope.current().consideredCancelled)
    throw new CancelledFailure('cancelled before the switch');
  const planDigest = planOfLaunch(operation);
  operation.irreversible = true;
  operation.step = 'switch';
  show();
  try {
    const step = { ...stepOf(operation, 'switch', planDigest), planDigest };
    const standing = await CancellationScope.nonCancellable(() =>
      outlasting(() => operation.shape.switchOver(step)),
    );
    moved(operation, standing);
  } catch (error) {
    operation.irreversible = false;
    throw error;
  }
}

function planOfLaunch(operation: Operation) {
  const { planDigest } = standingOf(operation);
  if (planDigest === null) throw new Error('launched without a plan');
  return planDigest;
}

import { CancellationScope, CancelledFailure, uuid4 } from '@temporalio/workflow';
import { isProviderCode } from '../../domain/codes';
import type { KeyVersion } from '../../domain/ids';
import { failureOf } from '../failures';
import { isOutOfStep } from '../operation/out-of-step';
import { judgements, platformStaging, records, staging } from '../proxies';
import { resync } from './claim';
import { invalidate } from './perform';
import { type Activation, moved, standingOf, stepOf, troubled } from './state';

/**
 * Live order (a) and (b): every version staged under the customer's key and proved, then the switch. Until the
 * switch anything that goes wrong only gives up the plan, and with it the lock.
 * @param show called at each step
 */
export async function stageAndSwitch(activation: Activation, show: () => void): Promise<void> {
  try {
    await stageAll(activation, show);
    await switchOver(activation, show);
  } catch (error) {
    const failure = failureOf(error);
    if (failure.kind === 'cancelled') throw error;
    activation.step = null;
    troubled(activation, failure.code, failure.text);
    if (isOutOfStep(failure)) return resync(activation, failure);
    // Refused by a key service: the findings of a verification say what to mend. Else: a new plan is needed.
    const to = isProviderCode(failure.code) ? 'verification' : 'dry-run';
    await invalidate(activation, failure.code, to);
    if (to === 'verification') activation.verifyFor = { sent: null, name: uuid4() };
  }
}

async function stageAll(activation: Activation, show: () => void): Promise<void> {
  const planDigest = planOfLaunch(activation);
  const { rewrap, mint } = await judgements.planVersions.executeWithOptions({ summary: 'read the plan' }, [
    { ...stepOf(activation, 'plan'), planDigest },
  ]);
  const step = (version: number) => ({
    ...stepOf(activation, 'stage', `${planDigest}/${version}`),
    planDigest,
    version: version as KeyVersion,
  });
  activation.step = 'stage';
  show();
  for (const version of rewrap) {
    await platformStaging.stageVersion.executeWithOptions(
      { summary: `key version ${version}: wrap under the customer’s key, prove` },
      [step(version)],
    );
  }
  activation.step = 'mint';
  show();
  await staging.mintVersion.executeWithOptions({ summary: `mint key version ${mint}, prove` }, [step(mint)]);
}

async function switchOver(activation: Activation, show: () => void): Promise<void> {
  if (CancellationScope.current().consideredCancelled)
    throw new CancelledFailure('cancelled before the switch');
  const planDigest = planOfLaunch(activation);
  activation.irreversible = true;
  activation.step = 'switch';
  show();
  try {
    const step = { ...stepOf(activation, 'switch', planDigest), planDigest };
    const standing = await CancellationScope.nonCancellable(() =>
      records.switchCustody.executeWithOptions({ summary: 'switch custody: point of no return' }, [step]),
    );
    moved(activation, standing);
  } catch (error) {
    activation.irreversible = false;
    throw error;
  }
}

function planOfLaunch(activation: Activation) {
  const { planDigest } = standingOf(activation);
  if (planDigest === null) throw new Error('launched without a plan');
  return planDigest;
}

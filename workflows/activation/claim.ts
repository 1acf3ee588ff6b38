import { uuid4, workflowInfo } from '@temporalio/workflow';
import type { Sent } from '../../activities/sender';
import { msOf } from '../../domain/ids';
import { codeFailure, type Failure } from '../failures';
import { isSuperseded } from '../operation/out-of-step';
import { records } from '../proxies';
import type { Activation } from './state';

/** Opens the operation or takes the open one over, and reads where it stands. */
export async function claim(activation: Activation, sent: Sent | null = null): Promise<void> {
  const before = activation.standing?.stage;
  const { standing, claimant, dryRun } = await records.claimActivation.executeWithOptions(
    { summary: `claim the activation of ${activation.organization}` },
    [{ name: activation.organization, claimant: workflowInfo().runId, sent }],
  );
  activation.standing = standing;
  activation.claimant = claimant;
  activation.dryRun = dryRun;
  activation.sinceMs = Math.max(activation.sinceMs, msOf(standing.stageSince));
  // Its findings may be older than the connection; verifying again changes nothing.
  if (standing.stage === 'verification' && before !== 'verification')
    activation.verifyFor = { sent: null, name: uuid4() };
}

/**
 * Out of step with the store: reads again where the operation stands. A run that was superseded ends, unless it is
 * the one that a reset made current: then it claims the operation anew, under the next epoch.
 * @throws ApplicationFailure OPERATION_STALE
 */
export async function resync(activation: Activation, failure: Failure): Promise<void> {
  if (isSuperseded(failure, activation.claimant)) throw codeFailure('OPERATION_STALE');
  await claim(activation);
}

import { uuid4, workflowInfo } from '@temporalio/workflow';
import type { Sent } from '../../activities/sender';
import { msOf } from '../../domain/ids';
import { codeFailure, type Failure } from '../failures';
import { isSuperseded } from './out-of-step';
import type { Operation } from './state';

/** Opens the operation or takes the open one over, and reads where it stands. */
export async function claim(operation: Operation, sent: Sent | null = null): Promise<void> {
  const before = operation.standing?.stage;
  const { standing, claimant, dryRun } = await operation.shape.claim({
    name: operation.organization,
    claimant: workflowInfo().runId,
    sent,
  });
  operation.standing = standing;
  operation.claimant = claimant;
  operation.dryRun = dryRun;
  operation.sinceMs = Math.max(operation.sinceMs, msOf(standing.stageSince));
  // Its findings may be older than the connection; verifying again changes nothing.
  if (standing.stage === 'verification' && before !== 'verification')
    operation.verifyFor = { sent: null, name: uuid4() };
}

/**
 * Out of step with the store: reads again where the operation stands. A run that was superseded ends, unless it is
 * the one that a reset made current: then it claims the operation anew, under the next epoch.
 * @throws ApplicationFailure OPERATION_STALE
 */
export async function resync(operation: Operation, failure: Failure): Promise<void> {
  if (isSuperseded(failure, operation.claimant)) throw codeFailure('OPERATION_STALE');
  await claim(operation);
}

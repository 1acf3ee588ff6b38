import { uuid4, workflowInfo } from '@temporalio/workflow';
import { type Actor, SYSTEM } from '../../domain/actor';
import { msOf } from '../../domain/ids';
import { codeFailure, type Failure } from '../failures';
import { records } from '../proxies';
import { type Activation, isReset } from './state';

/** Opens the operation or takes the open one over, and reads where it stands. */
export async function claim(activation: Activation, actor: Actor): Promise<void> {
  const { standing, claimant, dryRun } = await records.claimActivation.executeWithOptions(
    { summary: `claim the activation of ${activation.organization}` },
    [{ name: activation.organization, claimant: workflowInfo().runId, actor }],
  );
  activation.standing = standing;
  activation.claimant = claimant;
  activation.dryRun = dryRun;
  activation.sinceMs = Math.max(activation.sinceMs, msOf(standing.stageSince));
  // Its findings may be older than the connection; verifying again changes nothing.
  if (standing.stage === 'verification') activation.verifyFor = { actor: SYSTEM, name: uuid4() };
}

/** Codes by which the store says that this run doesn't know where the operation stands. */
export const isOutOfStep = (failure: Failure): boolean =>
  failure.kind === 'code' && (failure.code === 'OPERATION_STALE' || failure.code === 'STAGE_MISMATCH');

/**
 * Out of step with the store: reads again where the operation stands. A run that was superseded ends, unless it is
 * the one that a reset made current: then it claims the operation anew, under the next epoch.
 * @throws ApplicationFailure OPERATION_STALE
 */
export async function resync(activation: Activation, failure: Failure): Promise<void> {
  if (failure.kind === 'code' && failure.code === 'OPERATION_STALE' && !isReset(activation)) {
    throw codeFailure('OPERATION_STALE');
  }
  await claim(activation, SYSTEM);
}

import { workflowInfo } from '@temporalio/workflow';
import type { RotationEnding } from '../../activities/rotation/closing';
import type { Sent } from '../../activities/sender';
import { codeFailure, type Failure, failureOf } from '../failures';
import { isSuperseded } from '../operation/out-of-step';
import { records } from '../proxies';
import { type Rotation, standingOf } from './state';

/** Opens the rotation or takes the open one over, and reads where it stands. */
export async function claim(rotation: Rotation, sent: Sent | null): Promise<void> {
  const { standing, claimant } = await records.claimRotation.executeWithOptions(
    { summary: `claim the rotation of ${rotation.organization}` },
    [{ name: rotation.organization, claimant: workflowInfo().runId, sent }],
  );
  rotation.standing = standing;
  rotation.claimant = claimant;
}

/**
 * Out of step with the store: reads again where the rotation stands.
 * @returns whether that is elsewhere than this run believed
 * @throws ApplicationFailure OPERATION_STALE where another run has taken over
 */
export async function resync(rotation: Rotation, failure: Failure): Promise<boolean> {
  if (isSuperseded(failure, rotation.claimant)) throw codeFailure('OPERATION_STALE');
  const { epoch, stage } = standingOf(rotation);
  await claim(rotation, null);
  const now = standingOf(rotation);
  return now.epoch !== epoch || now.stage !== stage;
}

/**
 * Ends the rotation before its switch: nothing has changed.
 * @returns `false` where it has switched already, so that it must go on
 */
export async function close(rotation: Rotation, ending: RotationEnding): Promise<boolean> {
  const { organization, operationId, epoch } = standingOf(rotation);
  try {
    rotation.standing = await records.closeRotation.executeWithOptions(
      { summary: `close: ${ending.outcome}` },
      [{ organization, operationId, epoch, ending }],
    );
    return true;
  } catch (error) {
    const failure = failureOf(error);
    if (failure.kind === 'cancelled' || failure.code !== 'STAGE_MISMATCH') throw error;
    await resync(rotation, failure);
    return false;
  }
}

/** Cancelled in the Temporal UI. @returns as {@link close} */
export async function closeCancelled(rotation: Rotation): Promise<boolean> {
  try {
    // Whether the claim under way was made is known only by making it; one that wasn't opens nothing now.
    if (rotation.standing === null) await claim(rotation, null);
    return await close(rotation, { outcome: 'cancelled' });
  } catch (error) {
    const failure = failureOf(error);
    if (failure.kind === 'cancelled') throw error;
    // Nothing of this run is open: superseded, or never claimed.
    return true;
  }
}

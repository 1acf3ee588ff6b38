import { CancellationScope, setHandler } from '@temporalio/workflow';
import { rotationId } from './contract/ids';
import { type RotationInput, type RotationResult, rotationInput } from './contract/inputs';
import { rotationStatusQuery } from './contract/messages';
import { codeFailure, failureOf } from './failures';
import { startedAs } from './own-id';
import { judgements } from './proxies';
import { claim, closeCancelled } from './rotation/claim';
import { eraseAfterFence } from './rotation/erase';
import { publish, statusOf } from './rotation/publish';
import { newRotation, type Rotation, standingOf } from './rotation/state';
import { untilSwitched } from './rotation/until-switched';

/**
 * Wraps every live envelope anew under the newest version of the customer's key, and where it's asked for mints the
 * workspace key's next version. Nobody approves it, because nothing moves: custody, connection and key stay the
 * customer's, and reads and writes go on. Input: `{"organization": "acme"}`.
 */
export async function rotateCustomerKey(input: RotationInput): Promise<RotationResult> {
  const { organization } = startedAs(input, rotationId, rotationInput);
  const rotation = newRotation(organization);
  setHandler(rotationStatusQuery, () => statusOf(rotation), { description: 'Where this rotation stands.' });
  const show = () => publish(rotation);
  let cancelled: unknown = null;
  try {
    await begin(rotation, { ...input });
    await untilSwitched(rotation, show);
  } catch (error) {
    if (failureOf(error).kind !== 'cancelled') throw error;
    cancelled = error;
  }
  return CancellationScope.nonCancellable(async () => {
    // Cancelled before the switch; after it there's nothing to go back to.
    if (cancelled !== null && (await closeCancelled(rotation))) {
      show();
      throw cancelled;
    }
    await eraseAfterFence(rotation, show);
    show();
    const { operationId, outcome, reason } = standingOf(rotation);
    return { operationId, outcome: outcome ?? 'abandoned', reason };
  });
}

/** Settings, and the claim, which finds out who starts it. */
async function begin(rotation: Rotation, payload: Readonly<Record<string, unknown>>): Promise<void> {
  publish(rotation);
  try {
    const { operationDeadlineMs } = await judgements.workflowSettings(undefined);
    rotation.fenceMs = operationDeadlineMs;
    await claim(rotation, { payload, updateId: null, name: 'start' });
  } catch (error) {
    const failure = failureOf(error);
    if (failure.kind === 'cancelled') throw error;
    throw codeFailure(failure.code, failure.text);
  }
}

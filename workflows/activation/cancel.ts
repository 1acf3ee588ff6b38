import type { Ending } from '../../activities/closing';
import { isAllowed } from '../../domain/stages';
import { failureOf } from '../failures';
import { records } from '../proxies';
import { claim } from './claim';
import { record } from './identify';
import { type Activation, type Intent, moved, refuse, sentOf, standingOf } from './state';

/**
 * The `cancel` update, judged at once, beside whatever runs: the operation is closed first, which fences out the work
 * that is still under way, and then that is ended too.
 */
export async function askToCancel(
  activation: Activation,
  intent: Intent,
  cancelWork: () => void,
): Promise<void> {
  const { stage } = standingOf(activation);
  if (activation.irreversible || !isAllowed(stage, 'cancel')) {
    await record(activation, 'live', 'STAGE_MISMATCH', intent);
    return tooLate(intent);
  }
  try {
    activation.cancelled = await closed(activation, { outcome: 'cancelled', sent: sentOf(intent) });
    intent.answer = { ok: true };
    cancelWork();
  } catch (error) {
    const failure = failureOf(error);
    if (failure.kind === 'cancelled') throw error;
    if (failure.code === 'STAGE_MISMATCH') tooLate(intent);
    else refuse(intent, failure.code);
  }
}

const tooLate = (intent: Intent): void =>
  refuse(intent, 'STAGE_MISMATCH', 'custody has moved to the customer, which is not undone by cancelling');

/** The Temporal UI's Cancel after the point of no return: on record, and without effect. */
export async function recordIgnoredCancel(activation: Activation): Promise<void> {
  await record(activation, 'live', 'STAGE_MISMATCH', null);
}

/**
 * Ends the operation as cancelled; the store erases what was staged.
 * @returns `false` where custody had moved already, so that the run must go on
 */
export async function closeCancelled(activation: Activation): Promise<boolean> {
  if (activation.cancelled === null) return close(activation, { outcome: 'cancelled', sent: null });
  moved(activation, activation.cancelled);
  return true;
}

export async function close(activation: Activation, ending: Ending): Promise<boolean> {
  try {
    // Cancelled while the claim was under way: whether it was made is known only by making it.
    if (activation.standing === null) await claim(activation, activation.start);
    moved(activation, await closed(activation, ending));
    return true;
  } catch (error) {
    const failure = failureOf(error);
    if (failure.kind === 'cancelled') throw error;
    if (failure.code === 'STAGE_MISMATCH') return false;
    if (ending.outcome !== 'cancelled') throw error;
    // Nothing of this run is open: superseded, or never claimed.
    return true;
  }
}

function closed(activation: Activation, ending: Ending) {
  const { organization, operationId, epoch } = standingOf(activation);
  return records.closeOperation.executeWithOptions({ summary: `close: ${ending.outcome}` }, [
    { organization, operationId, epoch, ending },
  ]);
}

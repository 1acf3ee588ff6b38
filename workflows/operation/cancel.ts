import type { Ending } from '../../activities/closing';
import { tooLateText } from '../../domain/operation-words';
import { isAllowed } from '../../domain/stages';
import { failureOf } from '../failures';
import { records } from '../proxies';
import { claim } from './claim';
import { record } from './identify';
import { type Intent, moved, type Operation, refuse, sentOf, standingOf } from './state';

/**
 * The `cancel` update, judged at once, beside whatever runs: the operation is closed first, which fences out the work
 * that is still under way, and then that is ended too.
 */
export async function askToCancel(
  operation: Operation,
  intent: Intent,
  cancelWork: () => void,
): Promise<void> {
  const { stage } = standingOf(operation);
  if (operation.irreversible || !isAllowed(operation.shape.kind, stage, 'cancel')) {
    await record(operation, 'live', 'STAGE_MISMATCH', intent);
    return tooLate(operation, intent);
  }
  try {
    operation.cancelled = await closed(operation, { outcome: 'cancelled', sent: sentOf(intent) });
    intent.answer = { ok: true };
    cancelWork();
  } catch (error) {
    const failure = failureOf(error);
    if (failure.kind === 'cancelled') throw error;
    if (failure.code === 'STAGE_MISMATCH') tooLate(operation, intent);
    else refuse(intent, failure.code);
  }
}

function tooLate(operation: Operation, intent: Intent): void {
  const { stage, outcome } = standingOf(operation);
  refuse(intent, 'STAGE_MISMATCH', tooLateText(operation.shape.kind, stage, outcome));
}

/** The Temporal UI's Cancel after the point of no return: on record, and without effect. */
export async function recordIgnoredCancel(operation: Operation): Promise<void> {
  await record(operation, 'live', 'STAGE_MISMATCH', null);
}

/**
 * Ends the operation as cancelled; the store erases what was staged.
 * @returns `false` where custody had moved already, so that the run must go on
 */
export async function closeCancelled(operation: Operation): Promise<boolean> {
  if (operation.cancelled === null) return close(operation, { outcome: 'cancelled', sent: null });
  moved(operation, operation.cancelled);
  return true;
}

export async function close(operation: Operation, ending: Ending): Promise<boolean> {
  try {
    // Cancelled while the claim was under way: whether it was made is known only by making it.
    if (operation.standing === null) await claim(operation, operation.start);
    moved(operation, await closed(operation, ending));
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

function closed(operation: Operation, ending: Ending) {
  const { organization, operationId, epoch } = standingOf(operation);
  return records.closeOperation.executeWithOptions({ summary: `close: ${ending.outcome}` }, [
    { organization, operationId, epoch, ending },
  ]);
}

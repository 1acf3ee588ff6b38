import { type Actor, SYSTEM, UNVERIFIED } from '../../domain/actor';
import type { Code } from '../../domain/codes';
import { isAllowed } from '../../domain/stages';
import { failureOf } from '../failures';
import { records } from '../proxies';
import { claim } from './claim';
import { identify, record } from './identify';
import { type Activation, type Intent, moved, refuse, standingOf } from './state';

/** The `cancel` update, judged at once: work that's running must not keep it waiting. */
export async function askToCancel(
  activation: Activation,
  intent: Intent,
  cancelWork: () => void,
): Promise<void> {
  const actor = await identify(activation, intent);
  if (actor === null) return;
  const { stage } = standingOf(activation);
  if (activation.irreversible || !isAllowed(stage, 'cancel')) {
    await record(activation, 'live', 'STAGE_MISMATCH', actor);
    refuse(intent, 'STAGE_MISMATCH', 'custody has moved to the customer, which is not undone by cancelling');
    return;
  }
  activation.cancelledBy = actor;
  intent.answer = { ok: true };
  cancelWork();
}

/** The Temporal UI's Cancel after the point of no return: on record, and without effect. */
export async function recordIgnoredCancel(activation: Activation): Promise<void> {
  await record(activation, 'live', 'STAGE_MISMATCH', UNVERIFIED);
}

/**
 * Ends the operation as cancelled; the store erases what was staged.
 * @returns `false` where custody had moved already, so that the run must go on
 */
export async function closeCancelled(activation: Activation): Promise<boolean> {
  const by: Actor = activation.cancelledBy ?? UNVERIFIED;
  return close(activation, 'cancelled', by);
}

export async function close(
  activation: Activation,
  outcome: 'cancelled' | 'expired' | 'rejected' | 'refused',
  actor: Actor = SYSTEM,
  reason: Code | null = null,
): Promise<boolean> {
  try {
    // Cancelled while the claim was under way: whether it was made is known only by making it.
    if (activation.standing === null) await claim(activation, actor);
    const { organization, operationId, epoch } = standingOf(activation);
    const closed = await records.closeOperation.executeWithOptions({ summary: `close: ${outcome}` }, [
      { organization, operationId, epoch, key: 'close', actor, outcome, reason },
    ]);
    moved(activation, closed);
    return true;
  } catch (error) {
    const failure = failureOf(error);
    if (failure.kind === 'cancelled') throw error;
    if (failure.code === 'STAGE_MISMATCH') return false;
    if (outcome !== 'cancelled') throw error;
    // Nothing of this run is open: superseded, or never claimed.
    return true;
  }
}

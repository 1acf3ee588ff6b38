import { may, UNVERIFIED } from '../../domain/actor';
import type { RefusalSubject } from '../../domain/change';
import { isRequestCode, type RequestCode } from '../../domain/codes';
import { codeFailure, failureOf } from '../failures';
import { judgements, records } from '../proxies';
import { type Intent, type Operation, refuse, sentOf, standingOf } from './state';

/** Puts a refusal into the ledger, under whoever sent the message; `null`: the Temporal UI's Cancel. */
export async function record(
  operation: Operation,
  subject: RefusalSubject,
  code: RequestCode,
  intent: Intent | null,
): Promise<void> {
  const { organization, operationId } = standingOf(operation);
  const message = intent === null ? null : { action: intent.action, sent: sentOf(intent) };
  await records.recordRefusal.executeWithOptions({ summary: `record the refusal ${code}` }, [
    { organization, operationId, subject, code, message },
  ]);
}

/**
 * Whether a message will be taken from its sender: for those that are answered before they are carried out, which asks
 * again. `false`: refused and recorded.
 */
export async function isTaken(operation: Operation, intent: Intent): Promise<boolean> {
  const { action } = intent;
  const sent = sentOf(intent);
  const { organization, operationId } = standingOf(operation);
  try {
    if (sent.payload['actor'] !== undefined) {
      await judgements.identifyActor.executeWithOptions({ summary: `who sends ${action}?` }, [
        { organization, operationId, permission: action, sent },
      ]);
    } else if (!may(UNVERIFIED.kind, action)) throw codeFailure('FORBIDDEN');
    return true;
  } catch (error) {
    const failure = failureOf(error);
    if (failure.kind === 'cancelled') throw error;
    if (isRequestCode(failure.code)) await record(operation, 'actor', failure.code, intent);
    refuse(intent, failure.code);
    return false;
  }
}

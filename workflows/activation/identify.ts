import { type Actor, may, UNVERIFIED } from '../../domain/actor';
import type { RefusalSubject } from '../../domain/change';
import type { Code } from '../../domain/codes';
import { actorPayloadDigest } from '../contract/actor-payload';
import { codeFailure, failureOf } from '../failures';
import { judgements, records } from '../proxies';
import { type Activation, type Intent, refuse, standingOf } from './state';

/** Puts a refusal into the ledger, under whoever it is known to be. */
export async function record(
  activation: Activation,
  subject: RefusalSubject,
  code: Code,
  actor: Actor,
): Promise<void> {
  const organization = standingOf(activation).organization.id;
  await records.recordRefusal.executeWithOptions({ summary: `record the refusal ${code}` }, [
    { organization, subject, code, actor },
  ]);
}

/** Who sent it, and may they? `null`: refused and recorded. */
export async function identify(activation: Activation, intent: Intent): Promise<Actor | null> {
  const { action } = intent;
  const message = intent.message as Readonly<Record<string, unknown>>;
  const token = typeof message['actor'] === 'string' ? message['actor'] : null;
  try {
    if (token === null) {
      if (!may(UNVERIFIED.kind, action)) throw codeFailure('FORBIDDEN');
      return UNVERIFIED;
    }
    return await judgements.identifyActor.executeWithOptions({ summary: `who sends ${action}?` }, [
      {
        organization: activation.organization,
        permission: action,
        payloadDigest: actorPayloadDigest(message),
        token,
      },
    ]);
  } catch (error) {
    const failure = failureOf(error);
    if (failure.kind === 'cancelled') throw error;
    await record(activation, 'actor', failure.code, UNVERIFIED);
    refuse(intent, failure.code);
    return null;
  }
}

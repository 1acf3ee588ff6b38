import type { Permission } from '../domain/actor';
import { msOf, type OrganizationName } from '../domain/ids';
import { actorPayloadDigest } from '../workflows/contract';
import type { Caller } from './access';
import type { ApiDeps } from './deps';

/** Long enough for a worker that comes back from a restart. */
const FOR_AN_UPDATE_S = 600;
/** A durable decision may wait for a worker as long as the plan it's about is valid. */
const FOR_A_SIGNAL_S = 14 * 86_400;

/**
 * The message with our word, for this message only, who sent it.
 * @param updateId of the update it goes out as, which the word is bound to; a start or a signal has none.
 */
export async function signedBy<T extends Readonly<Record<string, unknown>>>(
  { signActor, now, uuid }: Pick<ApiDeps, 'signActor' | 'now' | 'uuid'>,
  { role, actor }: Caller,
  organization: OrganizationName,
  action: Permission,
  message: T,
  delivery: 'update' | 'signal' = 'update',
  updateId: string | null = null,
): Promise<T & { actor: string }> {
  const validS = delivery === 'update' ? FOR_AN_UPDATE_S : FOR_A_SIGNAL_S;
  const token = await signActor({
    organization,
    action,
    payloadDigest: actorPayloadDigest(message),
    role,
    name: actor.name,
    jti: updateId ?? uuid(),
    exp: Math.floor(msOf(now()) / 1000) + validS,
  });
  return { ...message, actor: token };
}

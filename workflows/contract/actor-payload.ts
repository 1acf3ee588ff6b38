import type { JsonObject } from '../../domain/canonical';
import { digestOf } from '../../domain/digest';
import type { Sha256Hex } from '../../domain/ids';

/**
 * What an actor token's `payloadDigest` is over: the message, or start input, exactly as sent, without its
 * `actor` member.
 */
export function actorPayloadDigest(message: Readonly<Record<string, unknown>>): Sha256Hex {
  const { actor: _token, ...payload } = message;
  return digestOf(payload as JsonObject);
}

import type { JsonValue } from '../../domain/canonical';
import type { Change } from '../../domain/change';
import { digestOf, sha256Hex } from '../../domain/digest';
import type { Sha256Hex } from '../../domain/ids';

/**
 * What makes two requests under one idempotency key the same: the change and where it moves which operation.
 * Not the epoch: a step repeated by the operation's next claimant is the same step.
 */
export function requestDigest(
  change: Change,
  move: { readonly operationId: string; readonly from: string; readonly to: string } | null,
): Sha256Hex {
  return digestOf({ change: plain(change), move });
}

function plain(value: unknown): JsonValue {
  if (value instanceof Uint8Array) return { sha256: sha256Hex(value) };
  if (Array.isArray(value)) return value.map(plain);
  if (value !== null && typeof value === 'object') {
    const members = Object.entries(value).filter(([, member]) => member !== undefined);
    return Object.fromEntries(members.map(([name, member]) => [name, plain(member)]));
  }
  return value as JsonValue;
}

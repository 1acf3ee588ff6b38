import type { JsonValue } from '../../domain/canonical';
import type { Change, ChangeType } from '../../domain/change';
import { digestOf, sha256Hex } from '../../domain/digest';
import type { Sha256Hex } from '../../domain/ids';

/**
 * What a step finds out or makes, as against what it was asked to do. When an attempt's answer was lost, the next
 * one wraps, probes or reads anew and has others; it is the same request, and the first one's result stands.
 */
const RESULTS: {
  readonly [T in ChangeType]?: readonly Exclude<keyof Extract<Change, { type: T }>, 'type'>[];
} = {
  'platform-key-created': ['keyRef'],
  'entitlement-confirmed': ['orderRef', 'orderDigest'],
  'connection-submitted': ['connectionId'],
  'verification-recorded': ['findings', 'keyRef', 'canary'],
  'verification-repeated': ['findings', 'keyRef'],
  'verification-impeded': ['code', 'owner', 'requestId'],
  'drift-found': ['code', 'owner', 'keyRef', 'requestId'],
  'drift-cleared': ['code'],
  'dry-run-recorded': ['plan', 'planDigest', 'findings', 'blockers'],
  'envelope-staged': ['wrapped', 'wrappedSha256', 'keyRef', 'checkValue'],
  'rotation-launched': ['from', 'to', 'rewrap', 'mint'],
  'superseded-envelopes-erased': ['envelopes', 'retired', 'backupsExpireAt'],
  'spare-platform-key-retired': ['keyRef', 'destroyedAt'],
  // A token of the same request is another text at each attempt.
  'operator-approved': ['proof'],
  'platform-key-probed': ['keyRef', 'refused', 'requestId'],
  'platform-envelopes-erased': ['envelopes'],
  'platform-key-deletion-scheduled': ['destroyedAt'],
  // What the person saw, and our word for who it was, are of the attempt.
  'reference-registered': ['after', 'proof'],
  'reference-confirmed': ['proof'],
  'notice-delivered': ['statusClass'],
  'notice-failed': ['reason', 'statusClass'],
  'entitlement-told': ['taken'],
};

/**
 * Two requests under one idempotency key are the same if they ask the same of the same operation at the same
 * stage. Not by epoch: a step repeated by the operation's next claimant is the same step. Nor by the stage it
 * leads to, which may be a result.
 */
export function requestDigest(
  change: Change,
  of: { readonly operationId: string; readonly from: string } | null,
): Sha256Hex {
  const results: readonly string[] = RESULTS[change.type] ?? [];
  const asked = Object.entries(change).filter(([name]) => !results.includes(name));
  return digestOf({ asked: plain(Object.fromEntries(asked)), of });
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

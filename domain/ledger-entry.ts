import type { Actor } from './actor';
import { canonicalBytes, type JsonObject, type JsonValue } from './canonical';
import type { Change } from './change';
import { sha256Hex, sha256OfText } from './digest';
import type { Epoch, Instant, LedgerIndex, OperationId, OrganizationId } from './ids';

/** What every entry says besides its change. */
export interface EntryFrame {
  readonly index: LedgerIndex;
  readonly at: Instant;
  readonly organization: OrganizationId;
  readonly actor: Actor;
  readonly operationId: OperationId | null;
  readonly epoch: Epoch | null;
}

/**
 * The ledger entry of a change: canonical JSON (RFC 8785) with `index`, `type`, `organization`, `at` (database
 * time), `actor`, `operationId`, `epoch` and `body`. Bytes and signed texts never enter the ledger; their
 * SHA-256 does, so that an erased envelope still has its trace.
 */
export function entryBytes(frame: EntryFrame, change: Change): Uint8Array {
  const { type, ...members } = change;
  return canonicalBytes({
    index: frame.index,
    type,
    organization: frame.organization,
    at: frame.at,
    actor: { kind: frame.actor.kind, name: frame.actor.name },
    operationId: frame.operationId,
    epoch: frame.epoch,
    body: recorded(members) as JsonObject,
  });
}

/** Members that are kept outside the ledger; the entry has their digest. */
export const BY_DIGEST: ReadonlySet<string> = new Set([
  'jws',
  'evidence',
  'enrolment',
  'externalId',
  'locator',
  'proof',
  'url',
]);

function recorded(value: unknown): JsonValue {
  if (value instanceof Uint8Array) return { sha256: sha256Hex(value) };
  if (Array.isArray(value)) return value.map(recorded);
  if (value !== null && typeof value === 'object') {
    const members = Object.entries(value).filter(([, member]) => member !== undefined);
    return Object.fromEntries(
      members.map(([name, member]) =>
        BY_DIGEST.has(name) && typeof member === 'string'
          ? [`${name}Sha256`, sha256OfText(member)]
          : [name, recorded(member)],
      ),
    );
  }
  return value as JsonValue;
}

import { canonicalJson, type JsonValue } from '../../domain/canonical';
import type { OrderClaims } from '../../domain/order';
import { fromUtf8 } from './encoding';
import { BUNDLE_FILES, type Findings } from './findings';
import { type PublicJwk, publicJwkFrom, thumbprintOf } from './jwk';
import type { LedgerEntry, LedgerLines } from './ledger-lines';
import type { Hasher } from './suite';

const FILE = BUNDLE_FILES.approverKeys;

/** An approval key, and between which entries it counts. */
export interface Approver {
  readonly credentialId: string;
  readonly jwk: PublicJwk;
  readonly enrolledAt: number;
  readonly removedAt: number;
}

/** `approver-keys.json`: canonical JSON, each `approver-enrolled` entry's `key.publicJwk`, `credentialId`, `by`. */
export function approverKeysText(lines: LedgerLines): string {
  const keys = lines.ofTypes(['approver-enrolled']).map((entry) => {
    const { credentialId, publicJwk } = keyOf(entry);
    return { entry: entry.index, credentialId, publicJwk, by: entry.body['by'] ?? null };
  });
  return `${canonicalJson(keys)}\n`;
}

/**
 * The keys the ledger enrols: the first named by a signed order, each later one vouched for by an enrolled one.
 * With pinned thumbprints, the chain must begin at a pinned key.
 */
export function checkApprovers(
  hasher: Hasher,
  lines: LedgerLines,
  file: Uint8Array,
  orders: readonly OrderClaims[],
  pinned: readonly string[],
  findings: Findings,
): Approver[] {
  if (fromUtf8(file) !== approverKeysText(lines)) {
    findings.add('FILE_MALFORMED', FILE, null, 'not the keys that the ledger enrols');
  }
  const approvers: Approver[] = [];
  for (const entry of lines.ofTypes(['approver-enrolled', 'approver-removed'])) {
    if (entry.type === 'approver-removed') {
      const at = approvers.findIndex(
        (a) => a.credentialId === entry.body['credentialId'] && a.removedAt === Infinity,
      );
      const removed = approvers[at];
      if (removed !== undefined) approvers[at] = { ...removed, removedAt: entry.index };
      continue;
    }
    const { credentialId, publicJwk } = keyOf(entry);
    const jwk = publicJwkFrom(publicJwk);
    const problem =
      jwk === undefined || thumbprintOf(hasher, jwk) !== credentialId
        ? 'has an id that is not its thumbprint'
        : enrolmentProblem(entry, String(credentialId), approvers, orders, pinned);
    if (problem !== undefined) {
      findings.add('APPROVER_INVALID', FILE, null, `the key of entry ${entry.index} ${problem}`);
    } else if (jwk !== undefined) {
      approvers.push({
        credentialId: String(credentialId),
        jwk,
        enrolledAt: entry.index,
        removedAt: Infinity,
      });
    }
  }
  return approvers;
}

function enrolmentProblem(
  entry: LedgerEntry,
  credentialId: string,
  approvers: readonly Approver[],
  orders: readonly OrderClaims[],
  pinned: readonly string[],
): string | undefined {
  const by = objectOf(entry.body['by']);
  if (by['kind'] === 'order') {
    const named = orders.some((o) => o.orderRef === by['orderRef'] && o.approver.thumbprint === credentialId);
    if (!named) return 'is named by no signed order';
    return pinned.length > 0 && !pinned.includes(credentialId) ? 'is not among the pinned ones' : undefined;
  }
  const voucher = approvers.some((a) => a.credentialId === by['credentialId'] && a.removedAt === Infinity);
  return voucher ? undefined : 'is vouched for by no enrolled key';
}

function keyOf(entry: LedgerEntry): { credentialId: JsonValue; publicJwk: JsonValue } {
  const { credentialId = null, publicJwk = null } = objectOf(entry.body['key']);
  return { credentialId, publicJwk };
}

function objectOf(value: JsonValue | undefined): { [member: string]: JsonValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
}

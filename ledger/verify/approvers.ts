import { canonicalJson, type JsonValue } from '../../domain/canonical';
import type { OrderClaims } from '../../domain/order';
import { fromUtf8 } from './encoding';
import type { Enrolments } from './enrolments';
import { BUNDLE_FILES, type Findings } from './findings';
import { type PublicJwk, publicJwkFrom, thumbprintOf } from './jwk';
import type { LedgerEntry, LedgerLines } from './ledger-lines';
import type { Hasher } from './suite';

const FILE = BUNDLE_FILES.approverKeys;
const TYPES = ['approver-enrolled', 'approver-removed'];

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

/** The SHA-256 of each signed word that enrolled or removed a key. */
export const enrolmentDigests = (lines: LedgerLines): unknown[] =>
  lines.ofTypes(TYPES).map(enrolmentDigestOf);

export interface ApproverEvidence {
  /** `approver-keys.json`. */
  readonly file: Uint8Array;
  /** The orders that hold. */
  readonly orders: readonly OrderClaims[];
  readonly enrolments: Enrolments;
  /** Thumbprints; where there are any, the chain must begin at one of them. */
  readonly pinned: readonly string[];
}

/**
 * The keys the ledger enrols: the first named by a signed order; each later one, and each removal, by the signed word
 * of a key that counted at that entry. A removed key never comes back.
 */
export async function checkApprovers(
  hasher: Hasher,
  lines: LedgerLines,
  evidence: ApproverEvidence,
  findings: Findings,
): Promise<Approver[]> {
  if (fromUtf8(evidence.file) !== approverKeysText(lines)) {
    findings.add('FILE_MALFORMED', FILE, null, 'not the keys that the ledger enrols');
  }
  const approvers: Approver[] = [];
  for (const entry of lines.ofTypes(TYPES)) {
    const problem =
      entry.type === 'approver-enrolled'
        ? await enrol(hasher, entry, approvers, evidence)
        : await remove(entry, approvers, evidence);
    if (problem !== undefined)
      findings.add('APPROVER_INVALID', FILE, null, `the key of entry ${entry.index} ${problem}`);
  }
  evidence.enrolments.nameUnused();
  return approvers;
}

async function enrol(
  hasher: Hasher,
  entry: LedgerEntry,
  approvers: Approver[],
  evidence: ApproverEvidence,
): Promise<string | undefined> {
  const { credentialId, publicJwk } = keyOf(entry);
  const jwk = publicJwkFrom(publicJwk);
  if (jwk === undefined || thumbprintOf(hasher, jwk) !== credentialId)
    return 'has an id that is not its thumbprint';
  if (approvers.some((known) => known.credentialId === credentialId)) return 'was enrolled before';
  const problem =
    objectOf(entry.body['by'])['kind'] === 'order'
      ? orderProblem(entry, credentialId, evidence)
      : await vouchProblem(hasher, entry, credentialId, approvers, evidence);
  if (problem === undefined)
    approvers.push({ credentialId, jwk, enrolledAt: entry.index, removedAt: Infinity });
  return problem;
}

function orderProblem(
  entry: LedgerEntry,
  credentialId: string,
  { orders, pinned }: ApproverEvidence,
): string | undefined {
  const { orderRef } = objectOf(entry.body['by']);
  const named = orders.some(
    (order) =>
      order.kind === 'order' && order.orderRef === orderRef && order.approver.thumbprint === credentialId,
  );
  if (!named) return 'is named by no signed order';
  return pinned.length > 0 && !pinned.includes(credentialId) ? 'is not among the pinned ones' : undefined;
}

async function vouchProblem(
  hasher: Hasher,
  entry: LedgerEntry,
  credentialId: string,
  approvers: readonly Approver[],
  { enrolments }: ApproverEvidence,
): Promise<string | undefined> {
  const voucher = signerOf(entry, approvers);
  const word = await enrolments.of(entry, enrolmentDigestOf(entry), voucher);
  if (voucher === undefined) return 'is vouched for by no enrolled key';
  const names = word?.action === 'enrol' && thumbprintOf(hasher, word.publicJwk) === credentialId;
  return names ? undefined : 'is vouched for by no signed word';
}

async function remove(
  entry: LedgerEntry,
  approvers: Approver[],
  { enrolments }: ApproverEvidence,
): Promise<string | undefined> {
  const { credentialId } = entry.body;
  const word = await enrolments.of(entry, enrolmentDigestOf(entry), signerOf(entry, approvers));
  const at = approvers.findIndex((a) => a.credentialId === credentialId && a.removedAt === Infinity);
  const removed = approvers[at];
  if (removed === undefined) return 'is removed, and was not enrolled';
  // Whether or not somebody signed for it: what the ledger says is removed doesn't count after.
  approvers[at] = { ...removed, removedAt: entry.index };
  return word?.action === 'remove' && word.removes === credentialId
    ? undefined
    : 'is removed by no signed word';
}

/** The key that the entry says signed for it, if it counted then. */
function signerOf(entry: LedgerEntry, approvers: readonly Approver[]): Approver | undefined {
  const { credentialId } = objectOf(entry.body['by']);
  return approvers.find((a) => a.credentialId === credentialId && a.removedAt === Infinity);
}

function enrolmentDigestOf({ type, body }: LedgerEntry): unknown {
  return (type === 'approver-enrolled' ? objectOf(body['key']) : body)['enrolmentSha256'];
}

function keyOf(entry: LedgerEntry): { credentialId: string; publicJwk: JsonValue } {
  const { credentialId, publicJwk = null } = objectOf(entry.body['key']);
  return { credentialId: typeof credentialId === 'string' ? credentialId : '', publicJwk };
}

function objectOf(value: JsonValue | undefined): { [member: string]: JsonValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
}

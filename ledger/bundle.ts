import { createHash } from 'node:crypto';
import { canonicalJson, type JsonObject } from '../domain/canonical';
import { EVIDENCE_README } from './bundle-readme';
import { nodeSuite } from './node/suite';
import { approverKeysText, enrolmentDigests } from './verify/approvers';
import { formatHashes } from './verify/check-lines';
import { minuteOf } from './verify/check-usage';
import { parseCheckpointText } from './verify/checkpoint';
import { toUtf8 } from './verify/encoding';
import { BUNDLE_FILES } from './verify/findings';
import type { PublicJwk } from './verify/jwk';
import { parseJws } from './verify/jws';
import { LedgerLines } from './verify/ledger-lines';
import { parseNote } from './verify/note';

/** What the store and the signer have about one organization. */
export interface BundleInput {
  /** The stored bytes of the ledger's entries, from the first on; those after the checkpoint are left out. */
  readonly entries: readonly Uint8Array[];
  /** The signed note, with any witnesses' lines. */
  readonly checkpoint: string;
  readonly vkey: string;
  readonly custodyKeys: readonly PublicJwk[];
  readonly orderIssuers: readonly PublicJwk[];
  /** The API's, whose word says who of the operator's staff approved an offboarding. */
  readonly actors: readonly PublicJwk[];
  /** Compact JWS each. What the checkpoint doesn't cover yet is left out. */
  readonly statements: readonly string[];
  readonly orders: readonly string[];
  /** What enrolled keys signed to add or remove others. */
  readonly enrolments: readonly string[];
  readonly approvals: readonly string[];
  /** Usage rows just as the entries' roots were computed over them, and in that order; each has its time, `at`. */
  readonly usage?: readonly JsonObject[];
}

/**
 * The evidence bundle of one organization: file name → content. Pure; the same input gives the same bytes.
 * Inverse: `verifyBundle` finds nothing in it.
 * @throws RangeError if there are fewer entries than the checkpoint covers.
 */
export function bundleFiles(input: BundleInput): Map<string, Uint8Array> {
  const { size } = parseCheckpointText(parseNote(input.checkpoint).text);
  if (input.entries.length < size)
    throw new RangeError(`${input.entries.length} entries, the checkpoint covers ${size}`);
  const entries = linesOf(input.entries.slice(0, size));
  const ledger = LedgerLines.read(nodeSuite, entries);
  const recorded = recordedIn(ledger);
  const jwk = ({ crv, kty, x }: PublicJwk) => ({ crv, kty, x });
  const keys = {
    custody: input.custodyKeys.map(jwk),
    orderIssuers: input.orderIssuers.map(jwk),
    actors: input.actors.map(jwk),
  };
  const text = (lines: readonly string[]) => lines.map((line) => `${line}\n`).join('');
  const files: [string, string | Uint8Array][] = [
    ['README.txt', EVIDENCE_README],
    [BUNDLE_FILES.entries, entries],
    [BUNDLE_FILES.hashes, formatHashes(ledger.leaves)],
    [BUNDLE_FILES.checkpoint, input.checkpoint],
    [BUNDLE_FILES.vkey, `${input.vkey}\n`],
    [BUNDLE_FILES.keys, `${canonicalJson(keys)}\n`],
    [BUNDLE_FILES.statements, text(input.statements.filter((jws) => isBefore(jws, size)))],
    [BUNDLE_FILES.orders, text(input.orders.filter((jws) => recorded.has(sha256HexOf(jws))))],
    [
      BUNDLE_FILES.approvals,
      text(input.approvals.filter((jws) => recorded.has(parseJws(jws)?.payload['nonce']))),
    ],
    [BUNDLE_FILES.approverKeys, approverKeysText(ledger)],
    [BUNDLE_FILES.enrolments, text(input.enrolments.filter((jws) => recorded.has(sha256HexOf(jws))))],
  ];
  if (input.usage !== undefined) files.push([BUNDLE_FILES.usage, text(coveredUsage(input.usage, ledger))]);
  return new Map(
    files.map(([name, content]) => [name, typeof content === 'string' ? toUtf8(content) : content]),
  );
}

function linesOf(entries: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(entries.reduce((length, entry) => length + entry.length + 1, 0));
  let at = 0;
  for (const entry of entries) {
    out.set(entry, at);
    at += entry.length + 1;
    out[at - 1] = 0x0a;
  }
  return out;
}

const sha256HexOf = (text: string) => createHash('sha256').update(text).digest('hex');

/** What the ledger says of signed texts: SHA-256 of orders and enrolments, nonce of approvals. */
function recordedIn(ledger: LedgerLines): Set<unknown> {
  const entries = ledger.ofTypes(['order-accepted', 'approval-accepted']);
  const words = entries.flatMap((entry) => [entry.body['jwsSha256'], entry.body['nonce']]);
  return new Set([...words, ...enrolmentDigests(ledger)].filter((word) => word !== undefined));
}

function isBefore(statement: string, size: number): boolean {
  const index = parseJws(statement)?.payload['ledgerIndex'];
  return typeof index === 'number' && index < size;
}

function coveredUsage(rows: readonly JsonObject[], ledger: LedgerLines): string[] {
  const minutes = new Set(ledger.ofTypes(['usage']).map((entry) => entry.body['minute']));
  return rows.filter((row) => minutes.has(minuteOf(row) ?? null)).map((row) => canonicalJson(row));
}

import type { ProviderName } from '../../../domain/custody';
import { BUNDLE_FILES, type VerifySuite } from '../../../ledger/verify';
import { parseObject } from '../../../ledger/verify/canonical-line';
import { minuteOf, usageRoot } from '../../../ledger/verify/check-usage';
import { fromUtf8, toUtf8 } from '../../../ledger/verify/encoding';
import { LedgerLines } from '../../../ledger/verify/ledger-lines';

/** A usage row: a call of a key that we say we made. */
export interface Claim {
  /** `null`: its answer never came. */
  readonly requestId: string | null;
  readonly provider: ProviderName;
  /** In lower case and without a version where it's a vault's, as {@link keyName} says it. */
  readonly key: string;
  readonly atMs: number;
  readonly purpose: string;
  /** 0: refused or repeated. */
  readonly operations: number;
}

/** What a bundle says of calls of the customer's keys. */
export interface Claims {
  /** Of rows that the signed ledger has the root of; the operator's own keys' rows aren't here. */
  readonly rows: readonly Claim[];
  /** Request ids that entries name besides, in findings and incidents. */
  readonly named: ReadonlySet<string>;
  readonly keys: ReadonlySet<string>;
  /** The time that the rows are all there of, in milliseconds, its end not included; `null`: of none. */
  readonly window: { readonly fromMs: number; readonly toMs: number } | null;
  /** Rows that no usage entry's root binds: they prove nothing. */
  readonly unbound: number;
  /** Rows of the operator's keys, before the switch. */
  readonly platform: number;
}

const MINUTE_MS = 60_000;

/** Reads them out of a bundle's files. O(bytes) */
export function claimsOf(suite: VerifySuite, files: ReadonlyMap<string, Uint8Array>): Claims {
  const file = (name: string) => files.get(name) ?? new Uint8Array();
  const ledger = LedgerLines.read(suite, file(BUNDLE_FILES.entries));
  const { keys, platformKeys, named } = namedIn(ledger);
  const minutes = rowsByMinute(file(BUNDLE_FILES.usage));
  const rows: Claim[] = [];
  let [platform, bound, all] = [0, 0, 0];
  for (const lines of minutes.values()) all += lines.length;
  const covered: string[] = [];
  const entries = ledger.ofTypes(['usage']);
  for (const { body } of entries) {
    const minute = String(body['minute']);
    const lines = minutes.get(minute);
    if (lines === undefined || lines.length !== body['calls']) continue;
    if (usageRoot(suite, lines) !== body['root']) continue;
    minutes.delete(minute);
    covered.push(minute);
    bound += lines.length;
    for (const line of lines) {
      const claim = claimOf(line);
      if (claim === null || platformKeys.has(claim.key)) platform += 1;
      else rows.push(claim);
    }
  }
  const window = windowOf(covered.sort(), ledger, entries[0]?.body['minute']);
  return { rows, named, keys, window, unbound: all - bound, platform };
}

/** One name for one key: vaults don't tell cases apart, and a connection is to all versions of its key. */
export const keyName = (key: string): string =>
  key.startsWith('https:') ? key.toLowerCase().replace(/\/[0-9a-f]{32}$/, '') : key;

/** Which keys the ledger says are the customer's, which the operator's, and the request ids that it names. */
function namedIn(ledger: LedgerLines) {
  const [keys, platformKeys, named] = [new Set<string>(), new Set<string>(), new Set<string>()];
  const add = (to: Set<string>, key: unknown) => typeof key === 'string' && to.add(keyName(key));
  const wanted = [
    ...['platform-key-created', 'platform-sealed', 'connection-submitted', 'envelope-staged'],
    ...['verification-recorded', 'verification-repeated', 'verification-impeded', 'dry-run-recorded'],
    'incident-opened',
  ];
  for (const { type, body } of ledger.ofTypes(wanted)) {
    if (type.startsWith('platform-')) add(platformKeys, body['keyRef']);
    else if (type !== 'envelope-staged' || body['custody'] === 'customer') add(keys, body['keyRef']);
    const { input, findings, requestId } = body;
    if (typeof input === 'object' && input !== null && !Array.isArray(input)) add(keys, input['key']);
    if (typeof requestId === 'string') named.add(requestId);
    for (const finding of Array.isArray(findings) ? findings : []) {
      const id =
        typeof finding === 'object' && finding !== null && !Array.isArray(finding) && finding['requestId'];
      if (typeof id === 'string') named.add(id);
    }
  }
  return { keys, platformKeys, named };
}

/** The file's lines by the minute of their `at`; what has none is in no minute. */
function rowsByMinute(file: Uint8Array): Map<string, string[]> {
  const minutes = new Map<string, string[]>();
  for (const line of fromUtf8(file)?.split('\n') ?? []) {
    if (line === '') continue;
    const row = parseObject(toUtf8(line))?.json;
    const minute = (row && minuteOf(row)) ?? '';
    const lines = minutes.get(minute) ?? [];
    minutes.set(minute, lines);
    lines.push(line);
  }
  return minutes;
}

function claimOf(line: string): Claim | null {
  const { requestId, keyRef, at, purpose, operations } = parseObject(toUtf8(line))?.json ?? {};
  if (typeof keyRef !== 'string' || typeof at !== 'string') return null;
  return {
    requestId: typeof requestId === 'string' ? requestId : null,
    provider: keyRef.startsWith('https:') ? 'azure-key-vault' : 'aws-kms',
    key: keyName(keyRef),
    atMs: Date.parse(at),
    purpose: String(purpose),
    operations: Number(operations),
  };
}

/** From the first covered minute, or, where no earlier one was ever used, from the ledger's beginning. */
function windowOf(covered: readonly string[], ledger: LedgerLines, firstUsed: unknown): Claims['window'] {
  const [first, last] = [covered[0], covered.at(-1)];
  if (first === undefined || last === undefined) return null;
  const began = Date.parse(ledger.entry(0)?.at ?? first);
  const fromMs = first === firstUsed ? Math.min(began, Date.parse(first)) : Date.parse(first);
  return { fromMs, toMs: Date.parse(last) + MINUTE_MS };
}

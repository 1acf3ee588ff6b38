import { bytesToHex } from '@noble/hashes/utils.js';
import { canonicalJson, type JsonValue } from '../../domain/canonical';
import { parseObject } from './canonical-line';
import { toUtf8 } from './encoding';
import { BUNDLE_FILES, type Findings } from './findings';
import { textLines } from './jws-lines';
import type { LedgerLines } from './ledger-lines';
import type { Hasher } from './suite';
import { concatHashes, leafHash, rootOfLeaves } from './tree';

const FILE = BUNDLE_FILES.usage;

/**
 * Merkle root over usage rows (RFC 6962 §2.1), each as its canonical JSON: what a `usage` entry has as `root`.
 * @returns 64 hex digits.
 */
export function usageRoot(hasher: Hasher, rows: readonly string[]): string {
  return bytesToHex(rootOfLeaves(hasher, concatHashes(rows.map((row) => leafHash(hasher, toUtf8(row))))));
}

/** The minute a usage row belongs to, as a `usage` entry writes it; `undefined` for a row without a time. */
export function minuteOf(row: { readonly [member: string]: JsonValue }): string | undefined {
  const { at } = row;
  return typeof at === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(at)
    ? `${at.slice(0, 17)}00.000Z`
    : undefined;
}

/** Which minutes' rows a bundle has, as `usage` entries write a minute. */
export interface UsageRange {
  readonly from: string;
  readonly to: string;
  readonly rows: number;
}

/**
 * Usage rows against the `usage` entries: the rows of a minute, by their `at`, in the file's order, are as
 * many as the entry's `calls` and have its `root`. Every minute from the first to the last one in the file is there;
 * those before and after aren't judged.
 */
export function checkUsage(
  hasher: Hasher,
  file: Uint8Array,
  lines: LedgerLines,
  findings: Findings,
): UsageRange | null {
  const minutes = new Map<string, string[]>();
  for (const [i, text] of textLines(FILE, file, findings).entries()) {
    const row = parseObject(toUtf8(text))?.json;
    const minute = row && minuteOf(row);
    if (minute === undefined || canonicalJson(row ?? null) !== text) {
      findings.add('FILE_MALFORMED', FILE, i + 1, 'not canonical JSON with a time "at"');
      continue;
    }
    const rows = minutes.get(minute) ?? [];
    minutes.set(minute, rows);
    rows.push(text);
  }
  const [from, to] = rangeOf([...minutes.keys()]);
  if (from === undefined || to === undefined) return null;
  const rows = [...minutes.values()].reduce((sum, each) => sum + each.length, 0);
  for (const entry of lines.ofTypes(['usage'])) {
    const { minute, calls, root } = entry.body;
    if (typeof minute !== 'string' || minute < from || minute > to) continue;
    const present = minutes.get(minute) ?? [];
    minutes.delete(minute);
    if (present.length === calls && usageRoot(hasher, present) === root) continue;
    findings.add(
      'USAGE_MISMATCH',
      FILE,
      null,
      `the rows of ${minute} aren't those of entry ${entry.index}: ${present.length} of ${String(calls)}`,
    );
  }
  for (const minute of minutes.keys())
    findings.add('USAGE_MISMATCH', FILE, null, `no entry for the rows of ${minute}`);
  return { from, to, rows };
}

/** Times in one form and zone: their order is that of their texts. */
function rangeOf(minutes: readonly string[]): [string | undefined, string | undefined] {
  const sorted = [...minutes].sort();
  return [sorted[0], sorted.at(-1)];
}

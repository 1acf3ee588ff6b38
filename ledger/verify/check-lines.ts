import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import type { Checkpoint } from './checkpoint';
import { fromUtf8, sameBytes } from './encoding';
import { BUNDLE_FILES, type Findings } from './findings';
import type { LedgerLines } from './ledger-lines';
import { type Difference, locateDifferences } from './locate';
import { HASH_BYTES, type Hasher } from './suite';
import { concatHashes, type LeafHashes, rootOfLeaves } from './tree';

const NEWLINE = 0x0a;
const FILE = BUNDLE_FILES.entries;

/** The lines against themselves: canonical form, numbering, final newline. */
export function checkForm(lines: LedgerLines, findings: Findings): void {
  if (!lines.terminated) findings.add('NOT_TERMINATED', FILE, lines.count, 'the last line has no newline');
  for (const position of lines.notCanonical) {
    findings.add('LINE_NOT_CANONICAL', FILE, position + 1, 'not a canonical JSON object (RFC 8785)');
  }
  for (const position of lines.misnumbered) {
    findings.add('LINE_MISNUMBERED', FILE, position + 1, `its "index" isn't ${position}`);
  }
}

/**
 * The lines against the signed root. `hashes` (a leaf hash a line) is believed where its root is the signed one;
 * then the differences tell which lines were changed, dropped, added or moved.
 */
export function checkRoot(
  hasher: Hasher,
  lines: LedgerLines,
  hashesFile: Uint8Array,
  checkpoint: Checkpoint | undefined,
  findings: Findings,
): void {
  const linesFit = checkpoint !== undefined && fits(checkpoint, lines.count, lines.root);
  if (linesFit && isHashesOf(lines.leaves, hashesFile)) return;
  const hashes = parseHashes(hashesFile);
  if (linesFit) {
    hashesAltered(hashes, lines, findings);
    return;
  }
  if (checkpoint !== undefined) {
    if (checkpoint.size !== lines.count) {
      const text = `${lines.count} lines, but the checkpoint is over ${checkpoint.size}`;
      findings.add('SIZE_MISMATCH', FILE, null, text);
    }
    findings.add('ROOT_MISMATCH', FILE, null, 'the root over the lines is not the signed one');
  }
  if (hashes === undefined) {
    findings.add(
      'HASHES_ALTERED',
      BUNDLE_FILES.hashes,
      null,
      'not 64 hex digits a line: no line can be named by it',
    );
    return;
  }
  const differences = locateDifferences(hashes, lines.leaves);
  const believed =
    checkpoint !== undefined && fits(checkpoint, hashes.length / 32, rootOfLeaves(hasher, hashes));
  if (!believed && checkpoint !== undefined) {
    const text = 'its root is not the signed one either: lines are named by a list that was altered itself';
    findings.add('HASHES_ALTERED', BUNDLE_FILES.hashes, null, text);
  }
  for (const difference of differences) report(difference, findings);
}

function fits(checkpoint: Checkpoint, size: number, root: Uint8Array): boolean {
  return checkpoint.size === size && sameBytes(checkpoint.root, root);
}

function hashesAltered(hashes: LeafHashes | undefined, lines: LedgerLines, findings: Findings): void {
  const first = hashes && locateDifferences(lines.leaves, hashes)[0];
  const position = first && ('position' in first ? first.position : first.expectedAt);
  const text = 'not the leaf hashes of the entries, which are themselves as signed';
  findings.add('HASHES_ALTERED', BUNDLE_FILES.hashes, position === undefined ? null : position + 1, text);
}

function report(difference: Difference, findings: Findings): void {
  switch (difference.kind) {
    case 'changed':
      findings.add(
        'LINE_CHANGED',
        FILE,
        difference.position + 1,
        `entry ${difference.expectedAt} was changed`,
      );
      return;
    case 'added':
      findings.add('LINE_ADDED', FILE, difference.position + 1, 'no entry of the ledger: it was added');
      return;
    case 'moved':
      findings.add('LINE_MOVED', FILE, difference.position + 1, `entry ${difference.expectedAt}, moved here`);
      return;
    case 'dropped':
      findings.add(
        'LINE_DROPPED',
        FILE,
        difference.expectedAt + 1,
        `entry ${difference.expectedAt} was dropped`,
      );
      return;
    default:
      difference satisfies never;
  }
}

/** `hashes`: 64 lower-case hex digits and a newline per entry. Inverse: {@link parseHashes}. */
export function formatHashes(leaves: LeafHashes): string {
  return bytesToHex(leaves).replaceAll(/.{64}/g, '$&\n');
}

const HEX = Uint8Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0));
const LINE_BYTES = 2 * HASH_BYTES + 1;

/** Whether {@link formatHashes} writes just these bytes; without writing them, for the sake of long ledgers. */
function isHashesOf(leaves: LeafHashes, file: Uint8Array): boolean {
  if (file.length * HASH_BYTES !== leaves.length * LINE_BYTES) return false;
  for (let i = 0, at = 0; i < leaves.length; i += 1, at += 2) {
    const byte = leaves[i] ?? 0;
    if (file[at] !== HEX[byte >> 4] || file[at + 1] !== HEX[byte & 15]) return false;
    // Of every 32 bytes the last ends a line.
    if ((i & 31) !== 31) continue;
    if (file[at + 2] !== NEWLINE) return false;
    at += 1;
  }
  return true;
}

/** @returns `undefined` unless {@link formatHashes} wrote it. */
function parseHashes(file: Uint8Array): LeafHashes | undefined {
  const text = fromUtf8(file);
  if (text === undefined || !/^(?:[0-9a-f]{64}\n)*$/.test(text)) return undefined;
  return concatHashes(text.split('\n').slice(0, -1).map(hexToBytes));
}

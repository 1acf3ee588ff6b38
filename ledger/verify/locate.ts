import { bytesToHex } from '@noble/hashes/utils.js';
import { HASH_BYTES } from './suite';
import { hashAt, type LeafHashes } from './tree';

/** One difference between the lines that should be there and those that are. Positions are 0-based. */
export type Difference =
  | { kind: 'changed'; position: number; expectedAt: number }
  | { kind: 'added'; position: number }
  | { kind: 'moved'; position: number; expectedAt: number }
  | { kind: 'dropped'; expectedAt: number };

/**
 * Says which lines were changed, dropped, added or moved, given the leaf hashes that should be there.
 * Lines that kept their order are the longest possible such set; the others are what moved. O(n log n) in the part
 * between the first and the last difference.
 */
export function locateDifferences(expected: LeafHashes, actual: LeafHashes): Difference[] {
  const expectedEnd = expected.length / HASH_BYTES;
  const actualEnd = actual.length / HASH_BYTES;
  let start = 0;
  while (start < expectedEnd && start < actualEnd && same(expected, start, actual, start)) start += 1;
  let tail = 0;
  while (
    tail < expectedEnd - start &&
    tail < actualEnd - start &&
    same(expected, expectedEnd - 1 - tail, actual, actualEnd - 1 - tail)
  ) {
    tail += 1;
  }
  const partners = pairEqual(expected, start, expectedEnd - tail, actual, start, actualEnd - tail);
  return compare(partners, start, expectedEnd - tail, actualEnd - tail);
}

function same(a: LeafHashes, i: number, b: LeafHashes, j: number): boolean {
  for (let k = 0; k < HASH_BYTES; k += 1) {
    if (a[i * HASH_BYTES + k] !== b[j * HASH_BYTES + k]) return false;
  }
  return true;
}

/** For each actual position from `from` on: where the same line is expected, each expected one taken once. */
function pairEqual(
  expected: LeafHashes,
  expectedFrom: number,
  expectedEnd: number,
  actual: LeafHashes,
  from: number,
  end: number,
): (number | undefined)[] {
  const places = new Map<string, number[]>();
  for (let i = expectedEnd - 1; i >= expectedFrom; i -= 1) {
    const hash = bytesToHex(hashAt(expected, i));
    const sameLine = places.get(hash);
    if (sameLine === undefined) places.set(hash, [i]);
    else sameLine.push(i);
  }
  return Array.from({ length: end - from }, (_, i) =>
    places.get(bytesToHex(hashAt(actual, from + i)))?.pop(),
  );
}

/** Walks both lists from one line that kept its place to the next; what lies between is a difference. */
function compare(
  partners: readonly (number | undefined)[],
  start: number,
  expectedEnd: number,
  actualEnd: number,
): Difference[] {
  const kept = longestRising(partners);
  const moved = new Set(partners.filter((expectedAt, i) => expectedAt !== undefined && !kept.has(i)));
  const differences: Difference[] = [];
  let expectedAt = start;
  let added: number[] = [];
  const closeGap = (until: number) => {
    for (; expectedAt < until; expectedAt += 1) {
      if (moved.has(expectedAt)) continue;
      const position = added.shift();
      differences.push(
        position === undefined ? { kind: 'dropped', expectedAt } : { kind: 'changed', position, expectedAt },
      );
    }
    differences.push(...added.map((position) => ({ kind: 'added' as const, position })));
    added = [];
  };
  for (let position = start; position < actualEnd; position += 1) {
    const partner = partners[position - start];
    if (partner === undefined) {
      added.push(position);
    } else if (kept.has(position - start)) {
      closeGap(partner);
      expectedAt = partner + 1;
    } else {
      differences.push({ kind: 'moved', position, expectedAt: partner });
    }
  }
  closeGap(expectedEnd);
  return differences;
}

/** Indexes of a longest strictly rising subsequence of the defined values (patience sorting). */
function longestRising(values: readonly (number | undefined)[]): Set<number> {
  const piles: number[] = [];
  const before = new Map<number, number | undefined>();
  values.forEach((value, i) => {
    if (value === undefined) return;
    let low = 0;
    let high = piles.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((values[piles[middle] ?? 0] ?? 0) < value) low = middle + 1;
      else high = middle;
    }
    before.set(i, piles[low - 1]);
    piles[low] = i;
  });
  const rising = new Set<number>();
  for (let i = piles.at(-1); i !== undefined; i = before.get(i)) rising.add(i);
  return rising;
}

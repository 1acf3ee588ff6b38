import { HASH_BYTES, type Hasher, hashOf } from './suite';

/**
 * The Merkle tree of RFC 6962 §2.1, SHA-256. With D[n] the list of n entries:
 *
 *     MTH({})     = SHA-256()
 *     MTH({d(0)}) = SHA-256(0x00 ‖ d(0))
 *     MTH(D[n])   = SHA-256(0x01 ‖ MTH(D[0:k]) ‖ MTH(D[k:n])),  k the largest power of two below n
 *
 * This file is the only implementation; roots, frontiers and proofs all use it.
 */

// Of this module, because an import's value is asked for anew at each use, and the stack uses it for each entry.
const BYTES = HASH_BYTES;
const NODE_BYTES = 1 + 2 * HASH_BYTES;

/** Leaf hashes one after the other: 32·n bytes. */
export type LeafHashes = Uint8Array;

/** MTH({}), RFC 6962 §2.1: the root of a tree without entries. */
export function emptyRoot(hasher: Hasher): Uint8Array {
  return hashOf(hasher, new Uint8Array(0));
}

/** SHA-256(0x00 ‖ entry), RFC 6962 §2.1. */
export function leafHash(hasher: Hasher, entry: Uint8Array): Uint8Array {
  const input = new Uint8Array(1 + entry.length);
  input.set(entry, 1);
  return hashOf(hasher, input);
}

/** SHA-256(0x01 ‖ left ‖ right), RFC 6962 §2.1. */
export function nodeHash(hasher: Hasher, left: Uint8Array, right: Uint8Array): Uint8Array {
  const input = new Uint8Array(1 + 2 * HASH_BYTES);
  input[0] = 1;
  input.set(left, 1);
  input.set(right, 1 + HASH_BYTES);
  return hashOf(hasher, input);
}

/** Puts hashes one after the other. Inverse: {@link hashAt} for each. */
export function concatHashes(hashes: readonly Uint8Array[]): LeafHashes {
  const out = new Uint8Array(hashes.length * HASH_BYTES);
  hashes.forEach((hash, i) => {
    out.set(checkHash(hash), i * HASH_BYTES);
  });
  return out;
}

/** The hash at position `index`, as a view. */
export function hashAt(hashes: LeafHashes, index: number): Uint8Array {
  return hashes.subarray(index * BYTES, (index + 1) * BYTES);
}

/** @throws RangeError unless `hash` has 32 bytes. */
export function checkHash(hash: Uint8Array): Uint8Array {
  if (hash.length !== BYTES) throw new RangeError(`a hash has ${HASH_BYTES} bytes, not ${hash.length}`);
  return hash;
}

/** @throws RangeError unless `size` counts something: a whole number from 0 to 2^53-1. */
export function checkSize(size: number): number {
  if (!Number.isSafeInteger(size) || size < 0) throw new RangeError(`not a tree size: ${size}`);
  return size;
}

/** The largest power of two below `n`, for n ≥ 2: RFC 6962's k. */
export function splitPoint(n: number): number {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}

/** How many perfect subtrees cover a tree of `size` entries: the ones in its binary form. */
export function subtreeCount(size: number): number {
  let count = 0;
  for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) count += rest % 2;
  return count;
}

/**
 * The perfect subtrees that cover the entries so far, largest first, on one stack of bytes: neighbours are
 * already in the order in which they're hashed together. Mutable; {@link append} is the version that isn't.
 */
export class TreeStack {
  // 53 subtrees cover the largest size; one more is there while two of a kind wait to be merged.
  private readonly hashes = new Uint8Array(54 * BYTES);
  private readonly scratch = new Uint8Array(NODE_BYTES);
  private depth = 0;

  constructor(
    private readonly hasher: Hasher,
    public size = 0,
    subtrees: readonly Uint8Array[] = [],
  ) {
    if (subtrees.length !== subtreeCount(checkSize(size))) {
      throw new RangeError(`${subtrees.length} subtrees can't cover ${size} entries`);
    }
    for (const subtree of subtrees) this.push(checkHash(subtree), 0);
    this.scratch[0] = 1;
  }

  /** Appends the leaf hash that begins at `at`. O(log n), O(1) amortized. */
  append(leaves: Uint8Array, at = 0): void {
    this.push(leaves, at);
    for (let rest = this.size; rest % 2 === 1; rest = (rest - 1) / 2) this.merge();
    this.size += 1;
  }

  subtrees(): Uint8Array[] {
    return Array.from({ length: this.depth }, (_, i) => hashAt(this.hashes, i).slice());
  }

  /** MTH of everything appended. O(log n); spends the stack, so use it last. */
  spendForRoot(): Uint8Array {
    if (this.depth === 0) return emptyRoot(this.hasher);
    while (this.depth > 1) this.merge();
    return this.hashes.slice(0, BYTES);
  }

  // Copied byte by byte here and below: making a view for so few costs more, and is garbage afterwards.
  private push(from: Uint8Array, at: number): void {
    const top = this.depth * BYTES;
    for (let i = 0; i < BYTES; i += 1) this.hashes[top + i] = from[at + i] ?? 0;
    this.depth += 1;
  }

  private merge(): void {
    const at = (this.depth - 2) * BYTES;
    for (let i = 1; i < NODE_BYTES; i += 1) this.scratch[i] = this.hashes[at + i - 1] ?? 0;
    this.hasher.hashInto(this.scratch, this.hashes, at);
    this.depth -= 1;
  }
}

/** MTH(D[start:end]) out of leaf hashes (RFC 6962 §2.1). O(end − start). */
export function rootOfLeaves(
  hasher: Hasher,
  leaves: LeafHashes,
  start = 0,
  end = leaves.length / HASH_BYTES,
): Uint8Array {
  const stack = new TreeStack(hasher);
  for (let i = start; i < end; i += 1) stack.append(leaves, i * BYTES);
  return stack.spendForRoot();
}

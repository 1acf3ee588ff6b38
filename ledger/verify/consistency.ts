import { sameBytes } from './encoding';
import type { Frontier } from './frontier';
import { HASH_BYTES, type Hasher } from './suite';
import { checkHash, checkSize, emptyRoot, type LeafHashes, nodeHash, rootOfLeaves, splitPoint } from './tree';

/** A log's head: how many entries, and the root over them. */
export interface Head {
  readonly size: number;
  readonly root: Uint8Array;
}

/**
 * PROOF(m, D[n]), RFC 6962 §2.1.2: the hashes that show the tree of `oldSize` to be the beginning of the one
 * over `leaves`, lowest first; empty when it's empty or the same. O(n). Inverse: {@link verifyConsistency}.
 * @throws RangeError if the old tree is larger than the new one.
 */
export function consistencyProof(hasher: Hasher, leaves: LeafHashes, oldSize: number): Uint8Array[] {
  return proofFrom(oldSize, leaves.length / HASH_BYTES, (start, end) =>
    rootOfLeaves(hasher, leaves, start, end),
  );
}

/**
 * The same proof without the old entries: their frontier and the leaf hashes appended since suffice.
 * O(entries appended), whatever the log's length.
 */
export function consistencyProofFrom(hasher: Hasher, old: Frontier, appended: LeafHashes): Uint8Array[] {
  const edge = new Map<number, Uint8Array>();
  let end = 0;
  for (const subtree of old.subtrees) {
    const start = end;
    end += splitPoint(old.size - start + 1);
    edge.set(start, checkHash(subtree));
  }
  return proofFrom(old.size, old.size + appended.length / HASH_BYTES, (start, stop) => {
    if (start >= old.size) return rootOfLeaves(hasher, appended, start - old.size, stop - old.size);
    // What a proof names of the old tree are exactly its frontier's subtrees.
    const hash = edge.get(start);
    if (hash === undefined) throw new RangeError(`no subtree of the frontier begins at ${start}`);
    return hash;
  });
}

function proofFrom(
  oldSize: number,
  newSize: number,
  root: (start: number, end: number) => Uint8Array,
): Uint8Array[] {
  if (checkSize(oldSize) > checkSize(newSize))
    throw new RangeError(`${oldSize} entries are more than ${newSize}`);
  if (oldSize === 0 || oldSize === newSize) return [];
  const proof: Uint8Array[] = [];
  let start = 0;
  let end = newSize;
  // SUBPROOF's flag b: the old root is known to the verifier only while it's still the whole left part.
  let known = true;
  while (oldSize !== end) {
    const middle = start + splitPoint(end - start);
    if (oldSize <= middle) {
      proof.push(root(middle, end));
      end = middle;
    } else {
      proof.push(root(start, middle));
      start = middle;
      known = false;
    }
  }
  if (!known) proof.push(root(start, end));
  return proof.reverse();
}

/**
 * Whether `proof` proves that the tree under `older` is the beginning of the one under `newer`
 * (RFC 9162 §2.1.4.2). O(log n). Never throws. From an empty tree anything follows, with an empty proof.
 */
export function verifyConsistency(
  hasher: Hasher,
  older: Head,
  newer: Head,
  proof: readonly Uint8Array[],
): boolean {
  const sizes = [older.size, newer.size];
  if (sizes.some((size) => !Number.isSafeInteger(size) || size < 0) || older.size > newer.size) return false;
  if ([older.root, newer.root, ...proof].some((hash) => hash.length !== HASH_BYTES)) return false;
  if (older.size === newer.size) return proof.length === 0 && sameBytes(older.root, newer.root);
  if (older.size === 0) return proof.length === 0 && sameBytes(older.root, emptyRoot(hasher));

  let fn = older.size - 1;
  let sn = newer.size - 1;
  while (fn % 2 === 1) {
    fn = Math.floor(fn / 2);
    sn = Math.floor(sn / 2);
  }
  // A perfect old tree is itself the first hash of the path, and so isn't sent.
  const path = fn === 0 ? [older.root, ...proof] : [...proof];
  const first = path.shift();
  if (proof.length === 0 || first === undefined) return false;
  let oldHash = first;
  let newHash = first;
  for (const step of path) {
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      oldHash = nodeHash(hasher, step, oldHash);
      newHash = nodeHash(hasher, step, newHash);
      while (fn % 2 === 0 && fn !== 0) {
        fn /= 2;
        sn = Math.floor(sn / 2);
      }
    } else {
      newHash = nodeHash(hasher, newHash, step);
    }
    fn = Math.floor(fn / 2);
    sn = Math.floor(sn / 2);
  }
  return sn === 0 && sameBytes(oldHash, older.root) && sameBytes(newHash, newer.root);
}

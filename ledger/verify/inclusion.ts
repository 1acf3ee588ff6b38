import { sameBytes } from './encoding';
import { HASH_BYTES, type Hasher } from './suite';
import { type LeafHashes, nodeHash, rootOfLeaves, splitPoint } from './tree';

/**
 * PATH(index, D[n]), RFC 6962 §2.1.1: the hashes that lead from one entry to the root, lowest first. O(n).
 * Inverse: {@link verifyInclusion}.
 * @throws RangeError unless 0 ≤ index < n.
 */
export function inclusionProof(hasher: Hasher, leaves: LeafHashes, index: number): Uint8Array[] {
  const size = leaves.length / HASH_BYTES;
  if (!Number.isSafeInteger(index) || index < 0 || index >= size) {
    throw new RangeError(`no entry ${index} in a tree of ${size}`);
  }
  const proof: Uint8Array[] = [];
  let start = 0;
  let end = size;
  while (end - start > 1) {
    const middle = start + splitPoint(end - start);
    if (index < middle) {
      proof.push(rootOfLeaves(hasher, leaves, middle, end));
      end = middle;
    } else {
      proof.push(rootOfLeaves(hasher, leaves, start, middle));
      start = middle;
    }
  }
  return proof.reverse();
}

/** What an inclusion proof claims: the entry with this leaf hash is number `index` of the `size` under `root`. */
export interface InclusionClaim {
  readonly index: number;
  readonly size: number;
  readonly leaf: Uint8Array;
  readonly root: Uint8Array;
}

/** Whether `proof` proves the claim (RFC 9162 §2.1.3.2). O(log n). Never throws. */
export function verifyInclusion(
  hasher: Hasher,
  claim: InclusionClaim,
  proof: readonly Uint8Array[],
): boolean {
  const { index, size, leaf, root } = claim;
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size) || index < 0 || index >= size) return false;
  if ([leaf, root, ...proof].some((hash) => hash.length !== HASH_BYTES)) return false;
  let fn = index;
  let sn = size - 1;
  let hash = leaf;
  for (const step of proof) {
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      hash = nodeHash(hasher, step, hash);
      while (fn % 2 === 0 && fn !== 0) {
        fn /= 2;
        sn = Math.floor(sn / 2);
      }
    } else {
      hash = nodeHash(hasher, hash, step);
    }
    fn = Math.floor(fn / 2);
    sn = Math.floor(sn / 2);
  }
  return sn === 0 && sameBytes(hash, root);
}

import fc from 'fast-check';
import { nodeSuite as hasher } from '../../ledger/node/suite';
import { consistencyProof, consistencyProofFrom, verifyConsistency } from '../../ledger/verify/consistency';
import {
  append,
  appendAll,
  EMPTY_FRONTIER,
  frontierFromBytes,
  frontierToBytes,
  rootOf,
} from '../../ledger/verify/frontier';
import { inclusionProof, verifyInclusion } from '../../ledger/verify/inclusion';
import { concatHashes, hashAt, leafHash, nodeHash, rootOfLeaves, splitPoint } from '../../ledger/verify/tree';

const hash = fc.uint8Array({ minLength: 32, maxLength: 32 });
const hashes = (minLength: number) => fc.array(hash, { minLength, maxLength: 70 });

/** RFC 6962 §2.1 word for word. */
function reference(leaves: readonly Uint8Array[]): Uint8Array {
  const [first] = leaves;
  if (first === undefined) return rootOfLeaves(hasher, new Uint8Array());
  if (leaves.length === 1) return first;
  const k = splitPoint(leaves.length);
  return nodeHash(hasher, reference(leaves.slice(0, k)), reference(leaves.slice(k)));
}

/** The same bytes with one bit turned. */
function flipped(bytes: Uint8Array, bit: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  const at = Math.floor(bit / 8) % copy.length;
  copy[at] = (copy[at] ?? 0) ^ (1 << (bit % 8));
  return copy;
}

test('appending one by one, all at once and the definition give the same root', () => {
  fc.assert(
    fc.property(hashes(0), fc.nat(70), (leaves, cut) => {
      const expected = reference(leaves);
      const oneByOne = leaves.reduce((f, leaf) => append(hasher, f, leaf), EMPTY_FRONTIER);
      const part = appendAll(hasher, EMPTY_FRONTIER, leaves.slice(0, cut));
      const rest = appendAll(hasher, frontierFromBytes(frontierToBytes(part)), leaves.slice(cut));
      expect(rootOf(hasher, oneByOne)).toEqual(expected);
      expect(rootOf(hasher, rest)).toEqual(expected);
      expect(rootOfLeaves(hasher, concatHashes(leaves))).toEqual(expected);
    }),
  );
});

test('a frontier survives its bytes; other bytes are refused', () => {
  const frontier = appendAll(
    hasher,
    EMPTY_FRONTIER,
    [1, 2, 3].map((n) => leafHash(hasher, Uint8Array.of(n))),
  );
  const bytes = frontierToBytes(frontier);
  expect(frontierFromBytes(bytes)).toEqual(frontier);
  expect(frontierFromBytes(Buffer.from(bytes))).toEqual(frontier);
  expect(() => frontierFromBytes(bytes.subarray(1))).toThrow(RangeError);
  expect(() => frontierFromBytes(flipped(bytes, 7 * 8 + 2))).toThrow(RangeError);
  expect(() => frontierFromBytes(flipped(bytes, 7))).toThrow(RangeError);
  expect(() => append(hasher, frontier, new Uint8Array(31))).toThrow(RangeError);
});

test('every inclusion proof verifies, and none with anything changed', () => {
  fc.assert(
    fc.property(hashes(1), fc.nat(), fc.nat(), (leaves, pick, bit) => {
      const index = pick % leaves.length;
      const flat = concatHashes(leaves);
      const proof = inclusionProof(hasher, flat, index);
      const claim = { index, size: leaves.length, leaf: hashAt(flat, index), root: reference(leaves) };
      expect(verifyInclusion(hasher, claim, proof)).toBe(true);
      const step = bit % (proof.length + 1);
      const wrong = [
        verifyInclusion(hasher, { ...claim, leaf: flipped(claim.leaf, bit) }, proof),
        verifyInclusion(hasher, { ...claim, root: flipped(claim.root, bit) }, proof),
        verifyInclusion(hasher, { ...claim, index: leaves.length }, proof),
        verifyInclusion(hasher, { ...claim, index: -1 }, proof),
        verifyInclusion(hasher, { ...claim, index: index + 0.5 }, proof),
        verifyInclusion(hasher, claim, [...proof, claim.leaf]),
        verifyInclusion(hasher, claim, [claim.leaf, ...proof]),
        proof.length > 0 && verifyInclusion(hasher, claim, proof.slice(1)),
        proof.length > 0 && verifyInclusion(hasher, claim, proof.slice(0, -1)),
        step < proof.length &&
          verifyInclusion(
            hasher,
            claim,
            proof.map((h, i) => (i === step ? flipped(h, bit) : h)),
          ),
      ];
      expect(wrong).not.toContain(true);
      // The same path at another place would be a collision.
      for (let other = 0; other < leaves.length; other += 1) {
        if (other !== index) expect(verifyInclusion(hasher, { ...claim, index: other }, proof)).toBe(false);
      }
    }),
  );
});

test('every consistency proof verifies, and none with anything changed', () => {
  fc.assert(
    fc.property(hashes(1), fc.nat(), fc.nat(), (leaves, pick, bit) => {
      const oldSize = pick % (leaves.length + 1);
      const flat = concatHashes(leaves);
      const older = { size: oldSize, root: reference(leaves.slice(0, oldSize)) };
      const newer = { size: leaves.length, root: reference(leaves) };
      const proof = consistencyProof(hasher, flat, oldSize);
      const frontier = appendAll(hasher, EMPTY_FRONTIER, leaves.slice(0, oldSize));
      expect(consistencyProofFrom(hasher, frontier, flat.subarray(oldSize * 32))).toEqual(proof);
      expect(verifyConsistency(hasher, older, newer, proof)).toBe(true);
      const step = bit % (proof.length + 1);
      const wrong = [
        verifyConsistency(hasher, { ...older, root: flipped(older.root, bit) }, newer, proof),
        // From nothing everything follows, whatever the new root.
        oldSize > 0 && verifyConsistency(hasher, older, { ...newer, root: flipped(newer.root, bit) }, proof),
        verifyConsistency(hasher, { ...older, size: newer.size + 1 }, newer, proof),
        verifyConsistency(hasher, { ...older, size: -1 }, newer, proof),
        verifyConsistency(hasher, older, newer, [...proof, newer.root]),
        proof.length > 0 && verifyConsistency(hasher, older, newer, proof.slice(1)),
        proof.length > 0 && verifyConsistency(hasher, older, newer, proof.slice(0, -1)),
        step < proof.length &&
          verifyConsistency(
            hasher,
            older,
            newer,
            proof.map((h, i) => (i === step ? flipped(h, bit) : h)),
          ),
      ];
      expect(wrong).not.toContain(true);
    }),
  );
});

test('a log whose past was rewritten is never consistent', () => {
  fc.assert(
    fc.property(hashes(2), fc.nat(), fc.nat(), fc.nat(), (leaves, pick, at, bit) => {
      const oldSize = 1 + (pick % (leaves.length - 1));
      const rewritten = leaves.map((leaf, i) => (i === at % oldSize ? flipped(leaf, bit) : leaf));
      const older = { size: oldSize, root: reference(leaves.slice(0, oldSize)) };
      const newer = { size: leaves.length, root: reference(rewritten) };
      const proof = consistencyProof(hasher, concatHashes(rewritten), oldSize);
      expect(verifyConsistency(hasher, older, newer, proof)).toBe(false);
    }),
  );
});

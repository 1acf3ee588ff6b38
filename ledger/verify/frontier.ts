import { HASH_BYTES, type Hasher } from './suite';
import { checkHash, checkSize, concatHashes, hashAt, subtreeCount, TreeStack } from './tree';

/**
 * The right edge of a tree: the roots of the perfect subtrees that cover it, largest first ("compact range").
 * It's all that appending needs, so a log's head is one row whatever its length.
 */
export interface Frontier {
  readonly size: number;
  /** One hash of 32 bytes per one-bit of `size`. */
  readonly subtrees: readonly Uint8Array[];
}

export const EMPTY_FRONTIER: Frontier = { size: 0, subtrees: [] };

/**
 * The frontier with one leaf hash more; the given one is unchanged. O(log n).
 * @throws RangeError for a hash that hasn't 32 bytes or a frontier whose parts don't fit together.
 */
export function append(hasher: Hasher, frontier: Frontier, leaf: Uint8Array): Frontier {
  return appendAll(hasher, frontier, [leaf]);
}

/** {@link append} for each leaf hash in turn. O(m + log n). */
export function appendAll(hasher: Hasher, frontier: Frontier, leaves: readonly Uint8Array[]): Frontier {
  const stack = new TreeStack(hasher, frontier.size, frontier.subtrees);
  for (const leaf of leaves) stack.append(checkHash(leaf));
  return { size: stack.size, subtrees: stack.subtrees() };
}

/** MTH (RFC 6962 §2.1) of the tree whose frontier this is. O(log n). */
export function rootOf(hasher: Hasher, frontier: Frontier): Uint8Array {
  return new TreeStack(hasher, frontier.size, frontier.subtrees).spendForRoot();
}

/**
 * For one database column: the size as 8 bytes, big-endian, then the subtrees' hashes. Inverse:
 * {@link frontierFromBytes}.
 */
export function frontierToBytes(frontier: Frontier): Uint8Array {
  const out = new Uint8Array(8 + frontier.subtrees.length * HASH_BYTES);
  new DataView(out.buffer).setBigUint64(0, BigInt(checkSize(frontier.size)));
  out.set(concatHashes(frontier.subtrees), 8);
  return out;
}

/** @throws RangeError for bytes that {@link frontierToBytes} can't have written. */
export function frontierFromBytes(bytes: Uint8Array): Frontier {
  if (bytes.length < 8) throw new RangeError(`a frontier has at least 8 bytes, not ${bytes.length}`);
  const size = checkSize(Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0)));
  const count = subtreeCount(size);
  if (bytes.length !== 8 + count * HASH_BYTES) {
    throw new RangeError(
      `a frontier of ${size} entries has ${8 + count * HASH_BYTES} bytes, not ${bytes.length}`,
    );
  }
  const hashes = bytes.subarray(8);
  return { size, subtrees: Array.from({ length: count }, (_, i) => hashAt(hashes, i).slice()) };
}

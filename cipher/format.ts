/**
 * The ciphertext format, version 1. Fixed for ever by `test/unit/vectors/cipher.json`.
 *
 *     offset  bytes  what
 *          0      3  "SMK" (0x53 0x4d 0x4b)
 *          3      1  format: 0x01
 *          4      4  workspace key version, uint32 big-endian, 1 or more
 *          8     24  nonce, drawn at random for each ciphertext
 *         32      n  XAES-256-GCM ciphertext, as long as the plaintext (0 to 8 MiB)
 *     32 + n     16  authentication tag
 *
 * The first 8 bytes are the *header*. It says which workspace key version to unwrap, and is authenticated as
 * part of the associated data (`associated-data.ts`); the nonce is authenticated by the cipher itself.
 * The length is exact: nothing may follow the tag.
 *
 * Not key-committing: somebody who knows two workspace keys can make one ciphertext that decrypts under both,
 * to two different plaintexts. Don't take a successful decryption as proof of which key was used.
 */
import type { KeyVersion } from '../domain/ids';
import { CiphertextMalformed } from './content-errors';
import { MAX_ITEM_BYTES } from './limits';
import { XAES_NONCE_BYTES, XAES_TAG_BYTES } from './xaes';

export const HEADER_BYTES = 8;
/** How much longer a ciphertext is than its plaintext. */
export const OVERHEAD_BYTES = HEADER_BYTES + XAES_NONCE_BYTES + XAES_TAG_BYTES;
export const SEALED_OFFSET = HEADER_BYTES + XAES_NONCE_BYTES;

const MAGIC_AND_FORMAT = 0x534d4b01;
const MAX_KEY_VERSION = 0xffff_ffff;

/** The parts of a ciphertext: views of the bytes that were parsed, not copies. */
export interface ParsedCiphertext {
  readonly keyVersion: KeyVersion;
  readonly nonce: Uint8Array;
  /** Ciphertext and tag. */
  readonly sealed: Uint8Array;
}

/**
 * Writes the header into `out` at `at` and returns where it ends.
 * @throws RangeError when `keyVersion` isn't an integer from 1 to 2^32 - 1.
 */
export function writeHeader(out: Buffer, at: number, keyVersion: KeyVersion): number {
  if (!Number.isInteger(keyVersion) || keyVersion < 1 || keyVersion > MAX_KEY_VERSION) {
    throw new RangeError('a workspace key version is an integer from 1 to 2^32 - 1');
  }
  return out.writeUInt32BE(keyVersion, out.writeUInt32BE(MAGIC_AND_FORMAT, at));
}

/**
 * Takes a ciphertext apart without a key; nothing in the result is authenticated yet.
 * @throws CiphertextMalformed
 */
export function parseCiphertext(ciphertext: Uint8Array): ParsedCiphertext {
  if (ciphertext.length > MAX_ITEM_BYTES + OVERHEAD_BYTES) throw new CiphertextMalformed('oversize');
  if (ciphertext.length < OVERHEAD_BYTES) throw new CiphertextMalformed('truncated');
  if (uint32(ciphertext, 0) !== MAGIC_AND_FORMAT) throw new CiphertextMalformed('unknown-format');
  const keyVersion = uint32(ciphertext, 4);
  if (keyVersion === 0) throw new CiphertextMalformed('bad-key-version');
  return {
    keyVersion: keyVersion as KeyVersion,
    nonce: ciphertext.subarray(HEADER_BYTES, SEALED_OFFSET),
    sealed: ciphertext.subarray(SEALED_OFFSET),
  };
}

function uint32(bytes: Uint8Array, at: number): number {
  const high = ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
  return high * 0x1_0000 + (((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0));
}

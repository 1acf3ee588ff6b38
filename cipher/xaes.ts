/**
 * XAES-256-GCM as in https://c2sp.org/XAES-256-GCM: AES-256-GCM (NIST SP 800-38D) under a key derived from
 * the input key and the first half of a 24-byte nonce by the counter KDF of NIST SP 800-108r1 over CMAC.
 *
 *     L  = AES-256(K, 0^128)              K1 = L << 1, xor 0x87 in the last byte if L's top bit was set
 *     Kx = AES-256(K, M1 xor K1) || AES-256(K, M2 xor K1)     Mi = 0x00 || i || 'X' || 0x00 || N[:12]
 *     Nx = N[12:]
 *
 * The nonce may be drawn at random for 2^80 messages under one key. Neither resistant to the reuse of a
 * nonce nor key-committing: whoever knows two keys can make one ciphertext that opens under both.
 */
import { type Cipher, createCipheriv, createDecipheriv } from 'node:crypto';
import { KeyDestroyed } from './content-errors';

export const XAES_KEY_BYTES = 32;
export const XAES_NONCE_BYTES = 24;
export const XAES_TAG_BYTES = 16;

const BLOCK = 16;
const NONCE_HALF = 12;
const TAG_LENGTH = { authTagLength: XAES_TAG_BYTES } as const;

/**
 * One 256-bit key, ready for use. It holds no copy of the key's bytes: they live only in OpenSSL's key
 * schedule, which `destroy()` frees and OpenSSL clears as it frees it.
 */
export class XaesKey {
  #block: Cipher | undefined;
  /** M1 xor K1 and M2 xor K1 for a nonce of zeros: the part of the derivation that every message shares. */
  readonly #masks: Buffer;
  readonly #input = Buffer.allocUnsafeSlow(2 * BLOCK);

  /**
   * Reads `key` and keeps no reference to it: the caller zeroes it.
   * @throws RangeError when it isn't 32 bytes.
   */
  constructor(key: Uint8Array) {
    if (key.length !== XAES_KEY_BYTES) throw new RangeError('an XAES-256-GCM key has 32 bytes');
    const block = createCipheriv('aes-256-ecb', key, null).setAutoPadding(false);
    this.#block = block;
    this.#masks = derivationMasks(block);
  }

  /**
   * Encrypts `plaintext` and writes ciphertext and tag (`plaintext.length + 16` bytes) into `out` at `offset`.
   * A nonce must never serve twice under one key.
   * @throws KeyDestroyed, or RangeError for a nonce that isn't 24 bytes or an `out` that is too small.
   */
  sealInto(out: Uint8Array, offset: number, nonce: Uint8Array, plaintext: Uint8Array, aad: Uint8Array): void {
    if (out.length - offset < plaintext.length + XAES_TAG_BYTES)
      throw new RangeError('no room for the ciphertext');
    const derived = this.#derive(nonce);
    const cipher = createCipheriv('aes-256-gcm', derived, nonce.subarray(NONCE_HALF));
    derived.fill(0);
    if (aad.length > 0) cipher.setAAD(aad);
    out.set(cipher.update(plaintext), offset);
    cipher.final();
    out.set(cipher.getAuthTag(), offset + plaintext.length);
  }

  /**
   * Decrypts `sealed`, a ciphertext followed by its 16-byte tag, into a buffer that shares its memory with
   * nothing else, so that the caller may zero it. `undefined` when authentication fails; what was decrypted
   * by then has been zeroed.
   * @throws KeyDestroyed, or RangeError for a nonce that isn't 24 bytes or a `sealed` shorter than a tag.
   */
  open(nonce: Uint8Array, sealed: Uint8Array, aad: Uint8Array): Buffer | undefined {
    const end = sealed.length - XAES_TAG_BYTES;
    if (end < 0) throw new RangeError('shorter than an authentication tag');
    const derived = this.#derive(nonce);
    const decipher = createDecipheriv('aes-256-gcm', derived, nonce.subarray(NONCE_HALF), TAG_LENGTH);
    derived.fill(0);
    if (aad.length > 0) decipher.setAAD(aad);
    decipher.setAuthTag(sealed.subarray(end));
    const plaintext = decipher.update(sealed.subarray(0, end));
    try {
      decipher.final();
    } catch {
      plaintext.fill(0);
      return undefined;
    }
    return plaintext;
  }

  /** Frees the key schedule and zeroes what was computed from the key. Idempotent. */
  destroy(): void {
    // Ending the cipher makes Node free OpenSSL's context at once instead of at some later collection.
    this.#block?.final();
    this.#block = undefined;
    this.#masks.fill(0);
    this.#input.fill(0);
  }

  /** Kx. The caller zeroes it. */
  #derive(nonce: Uint8Array): Buffer {
    if (this.#block === undefined) throw new KeyDestroyed();
    if (nonce.length !== XAES_NONCE_BYTES) throw new RangeError('an XAES-256-GCM nonce has 24 bytes');
    const input = this.#input;
    input.set(this.#masks);
    for (let i = 0; i < NONCE_HALF; i++) {
      const byte = nonce[i] ?? 0;
      input[4 + i] = (input[4 + i] ?? 0) ^ byte;
      input[BLOCK + 4 + i] = (input[BLOCK + 4 + i] ?? 0) ^ byte;
    }
    return this.#block.update(input);
  }
}

/** `M1 xor K1 || M2 xor K1` with the nonce's bytes left out. */
function derivationMasks(block: Cipher): Buffer {
  const subkey = block.update(Buffer.alloc(BLOCK));
  doubled(subkey);
  const masks = Buffer.allocUnsafeSlow(2 * BLOCK);
  for (const counter of [1, 2]) {
    const at = (counter - 1) * BLOCK;
    masks.set(subkey, at);
    masks[at + 1] = (masks[at + 1] ?? 0) ^ counter;
    masks[at + 2] = (masks[at + 2] ?? 0) ^ 0x58;
  }
  subkey.fill(0);
  return masks;
}

/** CMAC's subkey step (NIST SP 800-38B, 6.1): one bit to the left in GF(2^128), in place, without branches. */
function doubled(value: Buffer): void {
  let carry = ((value[0] ?? 0) >> 7) * 0x87;
  for (let i = value.length - 1; i >= 0; i--) {
    const byte = value[i] ?? 0;
    value[i] = (i === value.length - 1 ? (byte << 1) ^ carry : (byte << 1) | carry) & 0xff;
    carry = byte >> 7;
  }
}

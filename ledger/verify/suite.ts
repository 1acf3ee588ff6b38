import { sha256 } from '@noble/hashes/sha2.js';

/** SHA-256 (FIPS 180-4), injected: Node gives its native one, a browser the pure one. */
export interface Hasher {
  /** Writes the 32 bytes of SHA-256(input) into `out` from offset `at`. */
  hashInto(input: Uint8Array, out: Uint8Array, at: number): void;
}

export interface SignatureVerifier {
  /** Ed25519 (RFC 8032 §5.1.7). Keys of 32 and signatures of 64 bytes; any other length answers `false`. */
  verifyEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<boolean>;
}

/** All cryptography that checking evidence needs. */
export type VerifySuite = Hasher & SignatureVerifier;

/** Bytes in a hash, everywhere in the ledger. */
export const HASH_BYTES = 32;

/** SHA-256 in an array of its own. */
export function hashOf(hasher: Hasher, input: Uint8Array): Uint8Array {
  const out = new Uint8Array(HASH_BYTES);
  hasher.hashInto(input, out, 0);
  return out;
}

/** Runs wherever WebCrypto has Ed25519: current browsers and Node. */
export const webSuite: VerifySuite = {
  hashInto(input, out, at) {
    out.set(sha256(input), at);
  },
  async verifyEd25519(publicKey, message, signature) {
    if (publicKey.length !== 32 || signature.length !== 64) return false;
    const { subtle } = globalThis.crypto;
    // Copies: WebCrypto's types refuse views over shared memory.
    const key = await subtle.importKey('raw', Uint8Array.from(publicKey), 'Ed25519', false, ['verify']);
    return subtle.verify('Ed25519', key, Uint8Array.from(signature), Uint8Array.from(message));
  },
};

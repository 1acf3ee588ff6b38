import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { CodecKeys } from './keys';

/**
 * Sealed bytes, version 1: `0x01 | nonce (12) | ciphertext | tag (16)`, AES-256-GCM (NIST SP 800-38D). Authenticated
 * with it: the format's name, the deployment, the key's id and what is sealed, each with its length before it; so that
 * nothing passes for anything else's. Nonces are random: a key is good for 2^32 of them (ibid., §8.3).
 */
const VERSION = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const OVERHEAD = 1 + NONCE_BYTES + TAG_BYTES;

/** A session of the codec endpoint's sign-in is sealed by the same keys, and is no payload. */
export type Purpose = 'payload' | 'session';

export interface SealContext {
  readonly keys: CodecKeys;
  readonly deployment: string;
  /** Cryptographically secure bytes. */
  readonly random: (bytes: number) => Uint8Array;
}

export interface Sealed {
  readonly keyId: string;
  readonly bytes: Uint8Array;
}

export function seal(
  { keys, deployment, random }: SealContext,
  purpose: Purpose,
  plaintext: Uint8Array,
): Sealed {
  const keyId = keys.current;
  const key = keys.byId.get(keyId);
  if (key === undefined) throw new Error('the current codec key is not among the keys');
  const nonce = random(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(associated(deployment, keyId, purpose));
  const bytes = Buffer.concat([
    Uint8Array.of(VERSION),
    nonce,
    cipher.update(plaintext),
    cipher.final(),
    cipher.getAuthTag(),
  ]);
  return { keyId, bytes };
}

/** The plaintext, or why there is none. Doesn't throw. */
export function open(
  { keys, deployment }: Pick<SealContext, 'keys' | 'deployment'>,
  purpose: Purpose,
  { keyId, bytes }: Sealed,
): Uint8Array | 'key-unknown' | 'damaged' {
  const key = keys.byId.get(keyId);
  if (key === undefined) return 'key-unknown';
  if (bytes.length < OVERHEAD || bytes[0] !== VERSION) return 'damaged';
  try {
    const nonce = bytes.subarray(1, 1 + NONCE_BYTES);
    const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(associated(deployment, keyId, purpose));
    decipher.setAuthTag(bytes.subarray(bytes.length - TAG_BYTES));
    const body = bytes.subarray(1 + NONCE_BYTES, bytes.length - TAG_BYTES);
    return Buffer.concat([decipher.update(body), decipher.final()]);
  } catch {
    return 'damaged';
  }
}

function associated(...parts: readonly string[]): Uint8Array {
  return Buffer.concat(
    ['smsk-sealed/v1', ...parts].flatMap((part) => {
      const text = Buffer.from(part);
      const length = Buffer.alloc(4);
      length.writeUInt32BE(text.length);
      return [length, text];
    }),
  );
}

import { bytesToHex } from '@noble/hashes/utils.js';
import { fromBase64, toBase64, toUtf8 } from './encoding';
import { type Hasher, hashOf } from './suite';

/** `ed25519` signs a note's text; `cosignature` is a witness's timestamped one (C2SP tlog-cosignature). */
export type KeyKind = 'ed25519' | 'cosignature';
const TYPE_BYTES: Record<KeyKind, number> = { ed25519: 0x01, cosignature: 0x04 };

/** A verifier key of C2SP signed-note. */
export interface VerifierKey {
  readonly name: string;
  /** 8 lower-case hex digits. Not a fingerprint: it only says which key to try. */
  readonly keyId: string;
  readonly kind: KeyKind;
  /** 32 bytes, RFC 8032. */
  readonly publicKey: Uint8Array;
}

/** A key name: not empty, without Unicode spaces, control characters and "+". */
export function isKeyName(name: string): boolean {
  return /^[^\s\p{White_Space}+\p{Cc}\p{Surrogate}]+$/u.test(name);
}

/**
 * The verifier key of a name and public key; its id is SHA-256(name ‖ 0x0A ‖ type ‖ public key)[:4].
 * @throws RangeError for a name outside the grammar or a key that hasn't 32 bytes.
 */
export function verifierKey(
  hasher: Hasher,
  name: string,
  publicKey: Uint8Array,
  kind: KeyKind = 'ed25519',
): VerifierKey {
  if (!isKeyName(name)) throw new RangeError('a key name is not empty and has no spaces and no "+"');
  if (publicKey.length !== 32)
    throw new RangeError(`an Ed25519 public key has 32 bytes, not ${publicKey.length}`);
  const prefix = toUtf8(`${name}\n`);
  const input = new Uint8Array(prefix.length + 33);
  input.set(prefix);
  input[prefix.length] = TYPE_BYTES[kind];
  input.set(publicKey, prefix.length + 1);
  return { name, keyId: bytesToHex(hashOf(hasher, input).subarray(0, 4)), kind, publicKey };
}

/** `<name>+<key id>+<base64(type ‖ public key)>`. Inverse: {@link parseVkey}. */
export function formatVkey(key: VerifierKey): string {
  return `${key.name}+${key.keyId}+${toBase64(Uint8Array.of(TYPE_BYTES[key.kind], ...key.publicKey))}`;
}

/** @returns the key, or `undefined` for a malformed text, an unknown type, or an id that isn't the key's. */
export function parseVkey(hasher: Hasher, text: string): VerifierKey | undefined {
  // Base64 may contain "+", a name and an id can't.
  const match = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/u.exec(text);
  const [, name = '', keyId, encoded = ''] = match ?? [];
  const material = fromBase64(encoded);
  if (material?.length !== 33 || !isKeyName(name)) return undefined;
  const kind = (['ed25519', 'cosignature'] as const).find((k) => TYPE_BYTES[k] === material[0]);
  if (kind === undefined) return undefined;
  const key = verifierKey(hasher, name, material.subarray(1), kind);
  return key.keyId === keyId ? key : undefined;
}

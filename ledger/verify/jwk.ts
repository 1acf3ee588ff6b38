import { fromBase64Url, toBase64Url, toUtf8 } from './encoding';
import { type Hasher, hashOf } from './suite';

/** An Ed25519 public key (RFC 8037 §2), the members that its thumbprint covers. */
export interface PublicJwk {
  readonly kty: 'OKP';
  readonly crv: 'Ed25519';
  /** Base64url of 32 bytes. */
  readonly x: string;
}

/** RFC 7638 thumbprint with SHA-256, base64url: the `kid` of whatever this key signs. */
export function thumbprintOf(hasher: Hasher, jwk: PublicJwk): string {
  // Members in the order that RFC 7638 §3.2 demands.
  const members = JSON.stringify({ crv: jwk.crv, kty: jwk.kty, x: jwk.x });
  return toBase64Url(hashOf(hasher, toUtf8(members)));
}

/** @returns the key's 32 bytes, or `undefined` for a malformed `x`. */
export function publicKeyOf(jwk: PublicJwk): Uint8Array | undefined {
  const bytes = fromBase64Url(jwk.x);
  return bytes?.length === 32 ? bytes : undefined;
}

/** @returns the public members of an Ed25519 JWK, or `undefined` for anything else. */
export function publicJwkFrom(value: unknown): PublicJwk | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { kty, crv, x } = value as Record<string, unknown>;
  if (kty !== 'OKP' || crv !== 'Ed25519' || typeof x !== 'string') return undefined;
  const jwk: PublicJwk = { kty, crv, x };
  return publicKeyOf(jwk) === undefined ? undefined : jwk;
}

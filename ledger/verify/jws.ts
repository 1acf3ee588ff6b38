import { fromBase64Url, fromUtf8, toUtf8 } from './encoding';
import { type PublicJwk, publicKeyOf, thumbprintOf } from './jwk';
import type { VerifySuite } from './suite';

/** A JWS in compact form (RFC 7515 §7.1), taken apart and not yet believed. */
export interface ParsedJws {
  readonly typ: string;
  readonly kid: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly signingInput: Uint8Array;
  readonly signature: Uint8Array;
}

const HEADERS = new Set(['alg', 'typ', 'kid']);

/**
 * @returns `undefined` unless it's EdDSA (RFC 8037 §3.1) with `typ` and `kid` and no other header: `jwk`, `jku`,
 * `x5c` or `crit` would let the signer choose what it's checked by.
 */
export function parseJws(jws: string): ParsedJws | undefined {
  const [header, payload, signature, ...rest] = jws.split('.');
  if (header === undefined || payload === undefined || signature === undefined || rest.length > 0)
    return undefined;
  const head = objectFrom(header);
  const body = objectFrom(payload);
  const signed = fromBase64Url(signature);
  if (head === undefined || body === undefined || signed === undefined) return undefined;
  const { alg, typ, kid } = head;
  if (alg !== 'EdDSA' || typeof typ !== 'string' || typeof kid !== 'string') return undefined;
  if (Object.keys(head).some((name) => !HEADERS.has(name))) return undefined;
  return { typ, kid, payload: body, signingInput: toUtf8(`${header}.${payload}`), signature: signed };
}

/** Whether one of the keys, the one that `kid` names by its thumbprint, signed this. */
export async function isSignedBy(
  suite: VerifySuite,
  jws: ParsedJws,
  keys: readonly PublicJwk[],
): Promise<boolean> {
  const key = keys.find((jwk) => thumbprintOf(suite, jwk) === jws.kid);
  const bytes = key && publicKeyOf(key);
  return bytes !== undefined && suite.verifyEd25519(bytes, jws.signingInput, jws.signature);
}

/** Whether one of the keys signed this, by whatever name it carries it: one given by its deployment. */
export async function isSignedByOneOf(
  suite: VerifySuite,
  jws: ParsedJws,
  keys: readonly PublicJwk[],
): Promise<boolean> {
  for (const key of keys) {
    const bytes = publicKeyOf(key);
    if (bytes !== undefined && (await suite.verifyEd25519(bytes, jws.signingInput, jws.signature)))
      return true;
  }
  return false;
}

function objectFrom(part: string): Record<string, unknown> | undefined {
  const bytes = fromBase64Url(part);
  const text = bytes && fromUtf8(bytes);
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

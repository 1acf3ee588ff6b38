import { compactVerify, decodeProtectedHeader, importJWK } from 'jose';
import { z } from 'zod';

/** An Ed25519 public key (RFC 8037) with the name signatures carry it by. */
export const publicJwk = z.object({
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  x: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
  kid: z.string().min(1).max(100),
  'smsk:mode': z.literal('development').optional(),
});
export type PublicJwk = z.infer<typeof publicJwk>;

/** Nothing but these three: a `jwk`, `jku`, `x5c`, `x5u` or `crit` header is a key or a rule chosen by the sender. */
const header = z.strictObject({
  alg: z.literal('EdDSA'),
  typ: z.string().max(60),
  kid: z.string().min(1).max(100),
});

export type JwsVerdict =
  | { readonly ok: true; readonly payload: Uint8Array; readonly key: PublicJwk }
  | { readonly ok: false; readonly why: 'malformed' | 'unknown-key' | 'signature' };

/**
 * Verifies a compact JWS (RFC 7515 §5.2) with EdDSA, the given `typ`, and a key from `keys` named by `kid`.
 * Never throws for what the sender sent.
 */
export async function verifyJws(jws: string, typ: string, keys: readonly PublicJwk[]): Promise<JwsVerdict> {
  const kid = kidOf(jws, typ);
  if (kid === null) return { ok: false, why: 'malformed' };
  const key = keys.find((candidate) => candidate.kid === kid);
  if (key === undefined) return { ok: false, why: 'unknown-key' };
  const imported = await importJWK({ kty: key.kty, crv: key.crv, x: key.x }, 'EdDSA');
  try {
    const { payload } = await compactVerify(jws, imported, { algorithms: ['EdDSA'] });
    return { ok: true, payload, key };
  } catch {
    return { ok: false, why: 'signature' };
  }
}

/** The `kid` of a JWS whose header is exactly of our form, else `null`. */
function kidOf(jws: string, typ: string): string | null {
  try {
    const parsed = header.safeParse(decodeProtectedHeader(jws));
    return parsed.success && parsed.data.typ === typ ? parsed.data.kid : null;
  } catch {
    return null;
  }
}

/** What an unverified JWS says; `undefined` where that isn't JSON. */
export function payloadOf(jws: string): unknown {
  return jsonOf(Buffer.from(jws.split('.')[1] ?? '', 'base64url'));
}

/** The JSON a payload holds, or `undefined` where it isn't JSON in UTF-8. */
export function jsonOf(payload: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload));
  } catch {
    return undefined;
  }
}

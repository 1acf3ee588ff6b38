import { generateKeyPairSync, type JsonWebKey, randomUUID } from 'node:crypto';
import { CompactSign, calculateJwkThumbprint, importJWK } from 'jose';
import { type Keeping, type Kept, keepingIn } from './keeping';
import { type OrderClaims, type OrderRequest, orderRequest, orderTyp } from './order';

/**
 * Stands in for the operator's commerce system: it alone can mint an entitlement. Its key says that it's a
 * development key, and everything outside `mode: development` refuses what that signs.
 */
export interface CommerceOptions {
  /** Where the key and the sequence numbers survive; absent: nowhere. */
  readonly stateDir?: string;
  /** Epoch milliseconds. */
  readonly clock?: () => number;
  readonly issuer?: string;
}

export interface PublicKey {
  readonly kty: 'OKP';
  readonly crv: 'Ed25519';
  readonly x: string;
  /** RFC 7638 thumbprint. */
  readonly kid: string;
  readonly alg: 'EdDSA';
  readonly use: 'sig';
  readonly 'smsk:mode': 'development';
}

export interface Commerce {
  readonly issuer: string;
  /** JWK Set (RFC 7517 §5). */
  jwks(): { readonly keys: readonly PublicKey[] };
  /** A new order or withdrawal, with the organization's next `seq`. @throws ZodError */
  sign(request: OrderRequest): Promise<{ jws: string; claims: OrderClaims }>;
  /** Signs whatever it's given: for tests of refusals. Not reachable over HTTP. */
  signClaims(claims: object, typ?: string): Promise<string>;
}

const yearSeconds = 365 * 86_400;

export async function createCommerce(options: CommerceOptions = {}): Promise<Commerce> {
  const clock = options.clock ?? Date.now;
  const issuer = options.issuer ?? 'https://commerce.novantra.example';
  const keeping = keepingIn(options.stateDir);
  const kept = keeping.load() ?? firstKept(keeping);
  const { kty, crv, x } = kept.key;
  const kid = await calculateJwkThumbprint({ kty, crv, x });
  const privateKey = await importJWK(kept.key, 'EdDSA');
  const signClaims = (claims: object, typ = orderTyp): Promise<string> =>
    new CompactSign(new TextEncoder().encode(JSON.stringify(claims)))
      .setProtectedHeader({ alg: 'EdDSA', typ, kid })
      .sign(privateKey);
  return {
    issuer,
    jwks: () => ({ keys: [{ kty, crv, x, kid, alg: 'EdDSA', use: 'sig', 'smsk:mode': 'development' }] }),
    sign: async (request) => {
      const wanted = orderRequest.parse(request);
      const seq = (kept.seqs[wanted.org] ?? 0) + 1;
      // Kept before it's signed: a number is never given out twice.
      kept.seqs[wanted.org] = seq;
      keeping.save(kept);
      const iat = Math.floor(clock() / 1000);
      const claims: OrderClaims = {
        iss: issuer,
        aud: wanted.aud,
        kind: wanted.kind,
        org: wanted.org,
        orderRef: wanted.orderRef,
        jti: randomUUID(),
        seq,
        iat,
        exp: wanted.exp ?? iat + yearSeconds,
        approver: { thumbprint: wanted.thumbprint, role: 'customer-admin' },
      };
      return { jws: await signClaims(claims), claims };
    },
    signClaims,
  };
}

function firstKept(keeping: Keeping): Kept {
  const { x, d }: JsonWebKey = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
  if (x === undefined || d === undefined) throw new Error('an Ed25519 key without its members');
  const kept: Kept = { key: { kty: 'OKP', crv: 'Ed25519', x, d }, seqs: {} };
  keeping.save(kept);
  return kept;
}

import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { CompactSign, calculateJwkThumbprint } from 'jose';
import { canonicalJson, type JsonObject } from '../../../domain/canonical';

/** An Ed25519 key of somebody in a test. */
export interface TestKey {
  readonly pem: string;
  readonly jwk: { readonly kty: 'OKP'; readonly crv: 'Ed25519'; readonly x: string; readonly kid: string };
}

export async function testKey(): Promise<TestKey> {
  const { privateKey } = generateKeyPairSync('ed25519');
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const { x = '' } = createPublicKey(privateKey).export({ format: 'jwk' });
  const jwk = { kty: 'OKP', crv: 'Ed25519', x } as const;
  return { pem, jwk: { ...jwk, kid: await calculateJwkThumbprint(jwk) } };
}

export const signJws = ({ pem, jwk }: TestKey, typ: string, payload: JsonObject): Promise<string> =>
  new CompactSign(new TextEncoder().encode(canonicalJson(payload)))
    .setProtectedHeader({ alg: 'EdDSA', typ, kid: jwk.kid })
    .sign(createPrivateKey(pem));

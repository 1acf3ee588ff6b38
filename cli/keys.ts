import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { statSync } from 'node:fs';
import { CompactSign, calculateJwkThumbprint } from 'jose';
import { type ApproverKey, approverPublicJwk } from '../domain/approval';
import { canonicalBytes, type JsonObject } from '../domain/canonical';
import { readTextFile } from './command';
import { EXIT } from './exit-codes';
import { Declined } from './failure';

type PublicJwk = ApproverKey['publicJwk'];

/** An approval key on this machine: signs here, and is sent nowhere. */
export interface LocalKey {
  readonly credentialId: string;
  readonly publicJwk: PublicJwk;
  /** Compact JWS (RFC 7515) over the payload's canonical JSON; header `alg`, `typ`, `kid` and nothing else. */
  sign(typ: string, payload: JsonObject): Promise<string>;
}

export function newPrivateKey(): { pem: string; publicJwk: PublicJwk } {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  return { pem, publicJwk: publicJwkOf(publicKey) };
}

/** RFC 7638, SHA-256: the name the key is enrolled by. */
export const thumbprintOf = (publicJwk: PublicJwk): Promise<string> =>
  calculateJwkThumbprint(publicJwk, 'sha256');

/** @param file PKCS#8 PEM of an Ed25519 key that only its owner can read. @throws Declined */
export async function localKey(file: string): Promise<LocalKey> {
  const pem = readTextFile(file, 'the key file');
  if ((statSync(file).mode & 0o077) !== 0)
    throw new Declined(`${file} can be read by others`, `chmod 600 ${file}`, EXIT.usage);
  const key = privateKeyIn(pem, file);
  const publicJwk = publicJwkOf(createPublicKey(key));
  const credentialId = await thumbprintOf(publicJwk);
  return {
    credentialId,
    publicJwk,
    sign: (typ, payload) =>
      new CompactSign(canonicalBytes(payload))
        .setProtectedHeader({ alg: 'EdDSA', typ, kid: credentialId })
        .sign(key),
  };
}

/** A public key from its JWK file, or from a key file of this machine. @throws Declined */
export async function publicKeyIn(file: string): Promise<PublicJwk> {
  const text = readTextFile(file, 'the key file');
  if (text.includes('PRIVATE KEY')) return (await localKey(file)).publicJwk;
  const parsed = approverPublicJwk.safeParse(jsonOf(text));
  if (!parsed.success)
    throw new Declined(
      `${file} holds no Ed25519 public key (JWK)`,
      'make one with `smsk approver keygen`',
      EXIT.usage,
    );
  return parsed.data;
}

function privateKeyIn(pem: string, file: string): KeyObject {
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch {
    // Said below, without a word of what the file holds.
  }
  throw new Declined(
    `${file} holds no Ed25519 private key (PKCS#8 PEM)`,
    'make one with `smsk approver keygen`',
    EXIT.usage,
  );
}

function publicJwkOf(key: KeyObject): PublicJwk {
  return approverPublicJwk.parse(key.export({ format: 'jwk' }));
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

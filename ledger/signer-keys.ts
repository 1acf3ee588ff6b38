import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { canonicalBytes } from '../domain/canonical';
import { type Disk, nodeDisk, replaceFile } from './disk';
import { nodeSuite } from './node/suite';
import { toBase64Url } from './verify/encoding';
import { type PublicJwk, publicJwkFrom, publicKeyOf, thumbprintOf } from './verify/jwk';

/**
 * The signer's folder:
 *
 *     checkpoint.pem   signs checkpoints             Ed25519, PKCS#8 in PEM (RFC 5958, RFC 7468), mode 0600
 *     custody.pem      signs statements              likewise
 *     state/           what was signed last, one file per organization
 *
 * `state/` is made last: its presence says that the keys may have signed something and must not be made anew.
 */
export const KEY_FILES = { checkpoint: 'checkpoint.pem', custody: 'custody.pem' } as const;
export const STATE_FOLDER = 'state';

/** A private key that signs; what it is stays inside. */
export interface SigningKey {
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  readonly jwk: PublicJwk & { readonly kid: string };
  /** Ed25519 (RFC 8032): the same message gives the same 64 bytes. */
  sign(message: Uint8Array): Uint8Array;
}

/**
 * Makes both keys and the state folder: once, at a deployment's first start. Interrupted, it can be run again.
 * @throws Error if the folder already has its state.
 */
export async function createSignerKeys(folder: string, disk: Disk = nodeDisk): Promise<void> {
  if (await exists(join(folder, STATE_FOLDER))) throw new Error(`${folder} already holds a signer`);
  await disk.makeFolder(folder);
  for (const name of Object.values(KEY_FILES)) {
    const { privateKey } = generateKeyPairSync('ed25519');
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' });
    await replaceFile(disk, join(folder, name), Buffer.from(pem));
  }
  await disk.makeFolder(join(folder, STATE_FOLDER));
  await disk.syncFolder(folder);
}

/** Whether {@link createSignerKeys} was completed here. */
export function hasSignerKeys(folder: string): Promise<boolean> {
  return exists(join(folder, STATE_FOLDER));
}

/** @throws Error for a missing file, one that others may read, or another kind of key. */
export async function loadSigningKey(path: string, disk: Disk = nodeDisk): Promise<SigningKey> {
  const pem = await disk.read(path);
  if (pem === undefined) throw new Error(`there is no key at ${path}`);
  if (((await stat(path)).mode & 0o077) !== 0)
    throw new Error(`${path} must be readable by its owner only (0600)`);
  const key = createPrivateKey(Buffer.from(pem));
  if (key.asymmetricKeyType !== 'ed25519') throw new Error(`${path} must be an Ed25519 key`);
  return signingKey(key);
}

/** @throws Error for another kind of key. */
export function signingKey(key: KeyObject): SigningKey {
  const jwk = publicJwkFrom(createPublicKey(key).export({ format: 'jwk' }));
  const publicKey = jwk && publicKeyOf(jwk);
  if (jwk === undefined || publicKey === undefined) throw new Error('not an Ed25519 key');
  return {
    publicKey,
    jwk: { ...jwk, kid: thumbprintOf(nodeSuite, jwk) },
    sign: (message) => sign(null, message, key),
  };
}

/** A compact JWS (RFC 7515 §7.1) over the payload's bytes: EdDSA, `kid` the key's thumbprint (RFC 7638). */
export function compactJws(key: SigningKey, typ: string, payload: Uint8Array): string {
  const header = canonicalBytes({ alg: 'EdDSA', kid: key.jwk.kid, typ });
  const input = `${toBase64Url(header)}.${toBase64Url(payload)}`;
  return `${input}.${toBase64Url(key.sign(Buffer.from(input)))}`;
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

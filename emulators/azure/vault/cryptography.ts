import { constants, privateDecrypt, publicEncrypt } from 'node:crypto';
import { z } from 'zod';
import type { KeyVersion } from '../model/state';
import type { VaultCall } from './call';
import { kidOf, privateKeyOf, publicKeyOf } from './key-bundle';
import { liveVersion } from './lookup';
import { badParameter, forbidden } from './refusal';

/**
 * wrapKey, unwrapKey, encrypt and decrypt with RSA:
 * https://learn.microsoft.com/azure/key-vault/keys/about-keys-details
 */
const useSchema = z.looseObject({ alg: z.string(), value: z.string().regex(/^[A-Za-z0-9_-]+=*$/) });

type Use = 'wrapKey' | 'unwrapKey' | 'encrypt' | 'decrypt';

/** RSA-OAEP is SHA-1 and accepted, though discouraged. RSA1_5 isn't emulated. */
const hashes = new Map([
  ['RSA-OAEP', { oaepHash: 'sha1', bytes: 20 }],
  ['RSA-OAEP-256', { oaepHash: 'sha256', bytes: 32 }],
]);

export const wrapKey = (call: VaultCall, body: unknown): object => protect(call, body, 'wrapKey');
export const encrypt = (call: VaultCall, body: unknown): object => protect(call, body, 'encrypt');
export const unwrapKey = (call: VaultCall, body: unknown): object => open(call, body, 'unwrapKey');
export const decrypt = (call: VaultCall, body: unknown): object => open(call, body, 'decrypt');

function protect(call: VaultCall, body: unknown, use: Use): object {
  const { kid, version, hash, value } = prepared(call, body, use);
  requireWithinTimes(version, call.nowMs, use);
  requireOperation(version, use);
  const modulusBytes = (publicKeyOf(version).asymmetricKeyDetails?.modulusLength ?? 0) / 8;
  if (value.length > modulusBytes - 2 * hash.bytes - 2) throw incorrect();
  const wrapped = publicEncrypt(
    { key: publicKeyOf(version), padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: hash.oaepHash },
    value,
  );
  return { kid, value: wrapped.toString('base64url') };
}

function open(call: VaultCall, body: unknown, use: Use): object {
  const { kid, version, hash, value } = prepared(call, body, use);
  // Expired and not yet valid keys still open what they closed; a disabled one doesn't, though it goes on closing:
  // https://github.com/Azure/azure-sdk-for-python/issues/45342
  if (!version.enabled) throw forbidden('KeyDisabled', `Operation ${use} is not allowed on a disabled key.`);
  requireOperation(version, use);
  let opened: Buffer;
  try {
    opened = privateDecrypt(
      { key: privateKeyOf(version), padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: hash.oaepHash },
      value,
    );
  } catch {
    throw incorrect();
  }
  return { kid, value: opened.toString('base64url') };
}

function prepared(
  call: VaultCall,
  body: unknown,
  use: Use,
): { kid: string; version: KeyVersion; hash: { oaepHash: string; bytes: number }; value: Buffer } {
  const asked = useSchema.safeParse(body);
  if (!asked.success) throw badParameter('Property  has invalid value\r\n');
  const { key, version } = liveVersion(call);
  call.notes.algorithm = asked.data.alg;
  const hash = hashes.get(asked.data.alg);
  if (!version.kty.startsWith('RSA')) requireOperation(version, use);
  if (hash === undefined) throw badParameter('Property  has invalid value\r\n');
  return {
    kid: kidOf(call.vault, key, version),
    version,
    hash,
    value: Buffer.from(asked.data.value, 'base64url'),
  };
}

function requireWithinTimes({ notBefore, expires }: KeyVersion, nowMs: number, use: Use): void {
  if (expires !== undefined && nowMs >= expires)
    throw forbidden('KeyExpired', `Operation ${use} is not allowed on an expired key.`);
  if (notBefore !== undefined && nowMs < notBefore)
    throw forbidden('KeyNotYetValid', `Operation ${use} is not allowed on a key that is not yet valid.`);
}

function requireOperation(version: KeyVersion, use: Use): void {
  if (!version.operations.includes(use))
    throw forbidden('KeyOperationForbidden', `Operation ${use} is not permitted on this key.`);
}

function incorrect(): Error {
  return badParameter('The parameter is incorrect.\r\n');
}

import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import type { KeyVersion, VaultKey } from '../model/state';
import { rsaPrivateKey } from '../model/world';
import type { VaultCall } from './call';
import { keyBundle, keyItem, kidOf, vaultUrl } from './key-bundle';
import { keyOf, liveKey, liveVersion, newestOf, requireName } from './lookup';
import { badParameter, keyNotFound, VaultError } from './refusal';

/** Creating, importing, reading, changing and rotating keys: https://learn.microsoft.com/rest/api/keyvault/keys */

const operations = ['encrypt', 'decrypt', 'sign', 'verify', 'wrapKey', 'unwrapKey'] as const;
const curves = ['P-256', 'P-384', 'P-521'] as const;
const keyTypes = z.enum(['RSA', 'RSA-HSM', 'EC', 'EC-HSM']);

const changeable = {
  key_ops: z.array(z.enum(operations)).optional(),
  attributes: z
    .looseObject({
      enabled: z.boolean().optional(),
      nbf: z.int().min(0).optional(),
      exp: z.int().min(0).optional(),
    })
    .optional(),
  tags: z.record(z.string(), z.string()).optional(),
};
const createSchema = z.looseObject({
  kty: keyTypes,
  key_size: z.union([z.literal(2048), z.literal(3072), z.literal(4096)]).optional(),
  crv: z.enum(curves).optional(),
  ...changeable,
});
const importSchema = z.looseObject({
  key: z.looseObject({ kty: keyTypes, key_ops: changeable.key_ops }),
  attributes: changeable.attributes,
  tags: changeable.tags,
});
const changeSchema = z.looseObject(changeable);
type Change = z.output<typeof changeSchema>;

export function createKey(call: VaultCall, body: unknown): object {
  const wanted = parsed(createSchema, body);
  requireTier(call, wanted.kty);
  const crv = wanted.kty.startsWith('EC') ? (wanted.crv ?? 'P-256') : undefined;
  const privateKey = crv === undefined ? rsaPrivateKey(wanted.key_size ?? 2048) : ellipticPrivateKey(crv);
  return added(call, { kty: wanted.kty, crv, privateKey }, wanted);
}

export function importKey(call: VaultCall, body: unknown): object {
  const { key: jwk, ...rest } = parsed(importSchema, body);
  requireTier(call, jwk.kty);
  let key: KeyObject;
  try {
    key = createPrivateKey({ format: 'jwk', key: { ...jwk, kty: jwk.kty.replace('-HSM', '') } });
  } catch {
    throw badParameter('The key material is invalid.');
  }
  const crv = jwk.kty.startsWith('EC') ? String(jwk['crv']) : undefined;
  const privateKey = key.export({ type: 'pkcs8', format: 'pem' }).toString();
  return added(call, { kty: jwk.kty, crv, privateKey }, { ...rest, key_ops: jwk.key_ops });
}

export function getKey(call: VaultCall): object {
  const { key, version } = liveVersion(call);
  return keyBundle(call.vault, key, version);
}

export function updateKey(call: VaultCall, body: unknown): object {
  const { key, version } = liveVersion(call);
  apply(version, parsed(changeSchema, body));
  version.updatedAt = call.nowMs;
  call.notes.changed = true;
  return keyBundle(call.vault, key, version);
}

/** A new version of the same kind, with the newest one's operations and tags. */
export function rotateKey(call: VaultCall): object {
  const newest = newestOf(liveKey(call));
  if (newest === undefined) throw keyNotFound(call.addressed.name);
  const { kty, crv } = newest;
  const bits = createPrivateKey(newest.privateKey).asymmetricKeyDetails?.modulusLength ?? 2048;
  const privateKey = crv === undefined ? rsaPrivateKey(bits) : ellipticPrivateKey(crv);
  return added(
    call,
    { kty, crv, privateKey },
    { key_ops: [...newest.operations] as Change['key_ops'], tags: newest.tags },
  );
}

export function listKeys(call: VaultCall): object {
  const live = [...call.vault.keys.values()].filter((k) => k.deleted === undefined);
  const value = live.flatMap((key) => {
    const newest = newestOf(key);
    return newest === undefined
      ? []
      : [keyItem(call.vault, `${vaultUrl(call.vault)}/keys/${key.name}`, newest)];
  });
  return { value, nextLink: null };
}

export function listVersions(call: VaultCall): object {
  const key = liveKey(call);
  return {
    value: key.versions.map((v) => keyItem(call.vault, kidOf(call.vault, key, v), v)),
    nextLink: null,
  };
}

function added(
  call: VaultCall,
  made: Pick<KeyVersion, 'kty' | 'crv' | 'privateKey'>,
  wanted: Change,
): object {
  const { vault, world, nowMs } = call;
  const name = requireName(call.addressed.name);
  const known = keyOf(call);
  if (known?.deleted !== undefined) {
    throw new VaultError(
      409,
      'Conflict',
      `Key ${name} is currently in a deleted but recoverable state, and its name cannot be reused; in this state, the key can only be recovered or purged.`,
      'ObjectIsDeletedButRecoverable',
    );
  }
  const key: VaultKey = known ?? { name, versions: [], deleted: undefined };
  const version: KeyVersion = {
    ...made,
    id: world.random(16).toString('hex'),
    createdAt: nowMs,
    updatedAt: nowMs,
    enabled: true,
    notBefore: undefined,
    expires: undefined,
    operations: made.crv === undefined ? operations : ['sign', 'verify'],
    tags: undefined,
  };
  apply(version, wanted);
  key.versions.push(version);
  vault.keys.set(name.toLowerCase(), key);
  call.notes.id = kidOf(vault, key, version);
  call.notes.changed = true;
  return keyBundle(vault, key, version);
}

function apply(version: KeyVersion, { attributes, key_ops, tags }: Change): void {
  if (
    key_ops !== undefined &&
    version.crv !== undefined &&
    key_ops.some((o) => o !== 'sign' && o !== 'verify')
  )
    throw badParameter('The key operations are not valid for a key of this type.');
  if (attributes?.enabled !== undefined) version.enabled = attributes.enabled;
  if (attributes?.nbf !== undefined) version.notBefore = attributes.nbf * 1000;
  if (attributes?.exp !== undefined) version.expires = attributes.exp * 1000;
  if (key_ops !== undefined) version.operations = key_ops;
  if (tags !== undefined) version.tags = tags;
}

function requireTier({ vault }: VaultCall, kty: KeyVersion['kty']): void {
  if (kty.endsWith('-HSM') && !vault.premium)
    throw badParameter('The tier of this vault does not support HSM-protected keys.');
}

function ellipticPrivateKey(namedCurve: string): string {
  return generateKeyPairSync('ec', {
    namedCurve,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  }).privateKey;
}

/** @throws VaultError 400 */
export function parsed<T>(schema: z.ZodType<T>, body: unknown): T {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  throw badParameter(`Property ${result.error.issues[0]?.path.join('.') ?? ''} has invalid value\r\n`);
}

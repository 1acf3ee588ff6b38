import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { clouds } from '../clouds';
import type { KeyVersion, Vault, VaultKey } from '../model/state';

export function vaultUrl(vault: Vault): string {
  return `https://${vault.name.toLowerCase()}.${clouds[vault.cloud].vaultSuffix}`;
}

/** The versioned identifier that answers bear. */
export function kidOf(vault: Vault, key: VaultKey, version: KeyVersion): string {
  return `${vaultUrl(vault)}/keys/${key.name}/${version.id}`;
}

const privateKeys = new WeakMap<KeyVersion, KeyObject>();
const publicKeys = new WeakMap<KeyVersion, KeyObject>();

/** Parsed once: parsing a PEM costs more than using the key. */
export function privateKeyOf(version: KeyVersion): KeyObject {
  const known = privateKeys.get(version);
  if (known !== undefined) return known;
  const key = createPrivateKey(version.privateKey);
  privateKeys.set(version, key);
  return key;
}

export function publicKeyOf(version: KeyVersion): KeyObject {
  const known = publicKeys.get(version);
  if (known !== undefined) return known;
  const key = createPublicKey(privateKeyOf(version));
  publicKeys.set(version, key);
  return key;
}

/** https://learn.microsoft.com/rest/api/keyvault/keys/get-key/get-key#keybundle */
export function keyBundle(vault: Vault, key: VaultKey, version: KeyVersion): Record<string, unknown> {
  const { n, e, x, y, crv } = publicKeyOf(version).export({ format: 'jwk' });
  return {
    key: {
      kid: kidOf(vault, key, version),
      kty: version.kty,
      key_ops: version.operations,
      ...(n === undefined ? { crv, x, y } : { n, e }),
    },
    attributes: attributesOf(vault, version),
    ...(version.tags === undefined ? {} : { tags: version.tags }),
  };
}

export function keyItem(vault: Vault, kid: string, version: KeyVersion): Record<string, unknown> {
  return {
    kid,
    attributes: attributesOf(vault, version),
    ...(version.tags === undefined ? {} : { tags: version.tags }),
  };
}

function attributesOf(vault: Vault, version: KeyVersion): Record<string, unknown> {
  const { notBefore, expires } = version;
  return {
    enabled: version.enabled,
    ...(notBefore === undefined ? {} : { nbf: seconds(notBefore) }),
    ...(expires === undefined ? {} : { exp: seconds(expires) }),
    created: seconds(version.createdAt),
    updated: seconds(version.updatedAt),
    recoveryLevel:
      (vault.retentionDays < 90 ? 'CustomizedRecoverable' : 'Recoverable') +
      (vault.purgeProtection ? '' : '+Purgeable'),
    recoverableDays: vault.retentionDays,
    exportable: false,
  };
}

export function seconds(ms: number): number {
  return Math.floor(ms / 1000);
}

import type { KeyVersion, VaultKey } from '../model/state';
import type { VaultCall } from './call';
import { keyBundle, keyItem, seconds, vaultUrl } from './key-bundle';
import { keyOf, liveKey, newestOf } from './lookup';
import { forbidden, keyNotFound, VaultError } from './refusal';

/** Soft-delete of keys: https://learn.microsoft.com/azure/key-vault/general/soft-delete-overview */
const dayMs = 86_400_000;

export function deleteKey(call: VaultCall): object {
  const key = liveKey(call);
  key.deleted = { at: call.nowMs, purgeAt: call.nowMs + call.vault.retentionDays * dayMs };
  call.notes.changed = true;
  return deletedBundle(call, key);
}

export function getDeletedKey(call: VaultCall): object {
  return deletedBundle(call, deletedKey(call));
}

export function listDeletedKeys(call: VaultCall): object {
  const deleted = [...call.vault.keys.values()].filter((k) => k.deleted !== undefined);
  const value = deleted.map((key) => ({
    ...keyItem(call.vault, `${vaultUrl(call.vault)}/keys/${key.name}`, newest(key)),
    ...deletionOf(call, key),
  }));
  return { value, nextLink: null };
}

/** Everything comes back as it was. */
export function recoverKey(call: VaultCall): object {
  const key = deletedKey(call);
  key.deleted = undefined;
  call.notes.changed = true;
  return keyBundle(call.vault, key, newest(key));
}

/** Gone for good. */
export function purgeKey(call: VaultCall): undefined {
  const key = deletedKey(call);
  if (call.vault.purgeProtection) {
    throw forbidden(
      'PurgeProtectionEnabled',
      'Operation "purge" is not allowed because purge protection is enabled for this vault. Key Vault service will automatically purge it after the retention period has passed.',
    );
  }
  call.vault.keys.delete(key.name.toLowerCase());
  call.notes.changed = true;
  return undefined;
}

function deletedKey(call: VaultCall): VaultKey {
  const key = keyOf(call);
  if (key?.deleted === undefined)
    throw new VaultError(404, 'KeyNotFound', `Deleted Key not found: ${call.addressed.name}`);
  call.notes.id = `${vaultUrl(call.vault)}/keys/${key.name}`;
  return key;
}

function deletedBundle(call: VaultCall, key: VaultKey): object {
  return { ...keyBundle(call.vault, key, newest(key)), ...deletionOf(call, key) };
}

function deletionOf({ vault }: VaultCall, key: VaultKey): object {
  return {
    recoveryId: `${vaultUrl(vault)}/deletedkeys/${key.name}`,
    deletedDate: seconds(key.deleted?.at ?? 0),
    scheduledPurgeDate: seconds(key.deleted?.purgeAt ?? 0),
  };
}

function newest(key: VaultKey): KeyVersion {
  const version = newestOf(key);
  if (version === undefined) throw keyNotFound(key.name);
  return version;
}

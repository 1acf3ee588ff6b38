import type { Permission } from './authorize';
import type { OperationName, VaultCall } from './call';
import { decrypt, encrypt, unwrapKey, wrapKey } from './cryptography';
import { deleteKey, getDeletedKey, listDeletedKeys, purgeKey, recoverKey } from './deletion';
import { createKey, getKey, importKey, listKeys, listVersions, rotateKey, updateKey } from './lifecycle';
import { deleteSecret, getDeletedSecret, getSecret, setSecret, updateSecret } from './secrets';

export interface Operation {
  readonly permission: Permission;
  /** @returns the body of the answer; undefined: 204. @throws VaultError */
  readonly run: (call: VaultCall, body: unknown) => object | undefined;
}

const vaults = 'Microsoft.KeyVault/vaults';

function operation(policy: string, action: string, run: Operation['run']): Operation {
  return { permission: { policy, dataAction: `${vaults}/keys/${action}` }, run };
}

function secretOperation(policy: string, action: string, run: Operation['run']): Operation {
  return { permission: { policy, dataAction: `${vaults}/secrets/${action}` }, run };
}

/**
 * Permissions by operation: https://learn.microsoft.com/azure/key-vault/keys/about-keys-details#key-access-control
 * https://learn.microsoft.com/azure/key-vault/secrets/about-secrets#secret-access-control
 */
export const vaultOperations: Readonly<Record<OperationName, Operation>> = {
  KeyCreate: operation('create', 'create/action', createKey),
  KeyImport: operation('import', 'import/action', importKey),
  KeyGet: operation('get', 'read', getKey),
  KeyUpdate: operation('update', 'update/action', updateKey),
  KeyRotate: operation('rotate', 'rotate/action', rotateKey),
  KeyList: operation('list', 'read', listKeys),
  KeyListVersions: operation('list', 'read', listVersions),
  KeyDelete: operation('delete', 'delete', deleteKey),
  KeyGetDeleted: operation('get', 'read', getDeletedKey),
  KeyListDeleted: operation('list', 'read', listDeletedKeys),
  KeyRecover: operation('recover', 'recover/action', recoverKey),
  KeyPurge: operation('purge', 'purge/action', purgeKey),
  KeyEncrypt: operation('encrypt', 'encrypt/action', encrypt),
  KeyDecrypt: operation('decrypt', 'decrypt/action', decrypt),
  KeyWrap: operation('wrapKey', 'wrap/action', wrapKey),
  KeyUnwrap: operation('unwrapKey', 'unwrap/action', unwrapKey),
  SecretSet: secretOperation('set', 'setSecret/action', setSecret),
  SecretGet: secretOperation('get', 'getSecret/action', getSecret),
  SecretUpdate: secretOperation('set', 'update/action', updateSecret),
  SecretDelete: secretOperation('delete', 'delete', deleteSecret),
  SecretGetDeleted: secretOperation('get', 'readMetadata/action', getDeletedSecret),
};

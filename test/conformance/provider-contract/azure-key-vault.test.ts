import type { UpdateKeyPropertiesOptions } from '@azure/keyvault-keys';
import { faults, mend } from './azure-faults';
import { type AzureFixture, azureFixture, ROLE, sharedAzureWorld } from './azure-world';
import { type BadInput, type OffSwitch, providerContract } from './contract';

const world = sharedAzureWorld();

const update = ({ keys, keyName }: AzureFixture, changes: UpdateKeyPropertiesOptions) =>
  keys.updateKeyProperties(keyName, changes);
const deleteKey = async ({ keys, keyName }: AzureFixture) =>
  (await keys.beginDeleteKey(keyName, { intervalInMs: 1 })).pollUntilDone();
const recoverKey = async ({ keys, keyName }: AzureFixture) =>
  (await keys.beginRecoverDeletedKey(keyName, { intervalInMs: 1 })).pollUntilDone();
const vault = ({ emulator, vault: { name } }: AzureFixture, changes: object) =>
  emulator.administer('PATCH vaults', { name, ...changes });
const unassign = ({ emulator, assignment }: AzureFixture) =>
  emulator.administer('DELETE role-assignments', { id: assignment });
/** In the role's place, one with less in it. */
const lesserRole = (fixture: AzureFixture, action: 'wrap' | 'unwrap') => {
  const name = `only ${action}`;
  const dataActions = ROLE.dataActions.filter((one) => one.includes(`/${action}/`));
  fixture.emulator.administer('POST roles', { name, dataActions });
  unassign(fixture);
  fixture.assign(undefined, name);
};
const policy = (fixture: AzureFixture, ...keys: string[]) => {
  const { emulator, objectId } = fixture;
  vault(fixture, { rbac: false });
  emulator.administer('PUT vaults/access-policies', { name: fixture.vault.name, objectId, keys });
};
const principal = ({ emulator, tenantId, world: { appId } }: AzureFixture, changes: object) =>
  emulator.administer('PATCH service-principals', { tenantId, appId, ...changes });

/** Entered after something was done to the customer's set-up. */
const after =
  (arrange: (fixture: AzureFixture) => unknown) =>
  async (fixture: AzureFixture): Promise<ReturnType<AzureFixture['connect']>> => {
    await arrange(fixture);
    return fixture.connect();
  };

const badInputs: BadInput<AzureFixture>[] = [
  {
    name: 'disabled key: it still wraps, as the real service was seen to',
    arrange: after((f) => update(f, { enabled: false })),
    check: 'unwrap',
    code: 'KEY_DISABLED',
  },
  {
    name: 'deleted key',
    arrange: after(deleteKey),
    check: 'wrap',
    code: 'KEY_DELETED_OR_VERSION_GONE',
  },
  {
    name: 'purged key',
    arrange: after(async (f) => {
      await deleteKey(f);
      await f.keys.purgeDeletedKey(f.keyName);
    }),
    check: 'wrap',
    code: 'KEY_DELETED_OR_VERSION_GONE',
  },
  {
    name: 'key of a name that isn’t there',
    arrange: async (f) => {
      f.assign(`${f.keyName}-2`);
      return f.connect({ key: `${f.key}-2` });
    },
    check: 'wrap',
    code: 'KEY_DELETED_OR_VERSION_GONE',
  },
  {
    name: 'vault that was deleted',
    arrange: after(({ emulator, vault: { name } }) => emulator.administer('DELETE vaults', { name })),
    check: 'wrap',
    code: 'KEY_DELETED_OR_VERSION_GONE',
  },
  {
    name: 'vault that was recovered, and has lost its role assignments',
    arrange: after(({ emulator, vault: { name } }) => {
      emulator.administer('DELETE vaults', { name });
      emulator.administer('POST vaults/recover', { name });
    }),
    check: 'wrap',
    code: 'RBAC_DENIED',
  },
  {
    name: 'vault that was purged',
    arrange: after(({ emulator, vault: { name } }) => {
      emulator.administer('DELETE vaults', { name });
      emulator.administer('POST vaults/purge', { name });
    }),
    check: 'wrap',
    code: 'VAULT_PURGED_OR_WRONG',
  },
  {
    name: 'vault that isn’t one',
    arrange: async (f) => f.connect({ key: f.key.replace('contoso-', 'contosa-') }),
    check: 'wrap',
    code: 'VAULT_PURGED_OR_WRONG',
  },
  {
    name: 'expired key',
    arrange: after((f) => update(f, { expiresOn: new Date(Date.UTC(2020, 0, 1)) })),
    check: 'wrap',
    code: 'KEY_EXPIRED_OR_NBF',
  },
  {
    name: 'key that isn’t valid yet',
    arrange: after((f) => update(f, { notBefore: new Date(Date.UTC(2037, 0, 1)) })),
    check: 'wrap',
    code: 'KEY_EXPIRED_OR_NBF',
  },
  {
    name: 'key without wrapKey in key_ops',
    arrange: after((f) => update(f, { keyOps: ['unwrapKey', 'decrypt'] })),
    check: 'wrap',
    code: 'KEY_OPS_MISSING',
  },
  {
    name: 'key without unwrapKey in key_ops',
    arrange: after((f) => update(f, { keyOps: ['wrapKey', 'encrypt', 'decrypt'] })),
    check: 'unwrap',
    code: 'KEY_OPS_MISSING',
  },
  {
    name: 'elliptic-curve key',
    arrange: async (f) => {
      const name = `${f.keyName}-ec`;
      await f.keys.createKey(name, 'EC');
      f.assign(name);
      return f.connect({ key: `${f.key}-ec` });
    },
    check: 'wrap',
    code: 'KEY_OPS_MISSING',
  },
  {
    name: 'key whose name doesn’t say whose it is',
    arrange: async (f) => {
      await f.keys.createKey('workspace', 'RSA');
      f.assign('workspace');
      return f.connect({ key: f.key.replace(f.keyName, 'workspace') });
    },
    check: 'key-name-carries-our-token',
    code: 'KEY_NOT_BOUND',
  },
  {
    name: 'another organization’s key',
    arrange: async (f) => f.connect({ key: f.key.replace(f.keyName, 'smsk-0123456789abcdef0123') }),
    check: 'key-name-carries-our-token',
    code: 'KEY_NOT_BOUND',
  },
  {
    name: 'another tenant than the vault’s',
    arrange: async (f) => f.connect({ tenantId: f.world.operator.tenantId }),
    check: 'wrap',
    code: 'TENANT_MISMATCH',
  },
  {
    name: 'tenant that isn’t one',
    arrange: async (f) => f.connect({ tenantId: '00000000-0000-4000-8000-000000000000' }),
    check: 'token',
    code: 'TENANT_NOT_FOUND',
  },
  {
    name: 'app not installed in the tenant',
    arrange: after(({ emulator, tenantId, world: { appId } }) =>
      emulator.administer('DELETE service-principals', { tenantId, appId }),
    ),
    check: 'token',
    code: 'SP_NOT_IN_TENANT',
  },
  {
    name: 'app disabled in the tenant',
    arrange: after((f) => principal(f, { enabled: false })),
    check: 'token',
    code: 'IDENTITY_BLOCKED',
  },
  {
    name: 'app blocked by Conditional Access',
    arrange: after((f) => principal(f, { blockedByConditionalAccess: true })),
    check: 'token',
    code: 'IDENTITY_BLOCKED',
  },
  { name: 'no role', arrange: after(unassign), check: 'wrap', code: 'RBAC_DENIED' },
  {
    name: 'role without wrap',
    arrange: after((f) => lesserRole(f, 'unwrap')),
    check: 'wrap',
    code: 'WRAP_DENIED',
  },
  {
    name: 'role without unwrap',
    arrange: after((f) => lesserRole(f, 'wrap')),
    check: 'unwrap',
    code: 'RBAC_DENIED',
  },
  {
    name: 'vault with access policies, none of them ours',
    arrange: after((f) => vault(f, { rbac: false })),
    check: 'wrap',
    code: 'ACCESS_POLICY_DENIED',
  },
  {
    name: 'access policy without wrapKey',
    arrange: after((f) => policy(f, 'unwrapKey')),
    check: 'wrap',
    code: 'WRAP_DENIED',
  },
  {
    name: 'access policy without unwrapKey',
    arrange: after((f) => policy(f, 'wrapKey')),
    check: 'unwrap',
    code: 'ACCESS_POLICY_DENIED',
  },
  {
    name: 'firewall that doesn’t know us',
    arrange: after((f) => vault(f, { firewall: { defaultAction: 'Deny', ipRules: ['203.0.113.7'] } })),
    check: 'wrap',
    code: 'FIREWALL',
  },
];

const ALL = ['wrapKey', 'unwrapKey'] as const;
const offSwitches: OffSwitch<AzureFixture>[] = [
  {
    name: 'disable the version',
    off: async (f) => void (await update(f, { enabled: false })),
    on: async (f) => void (await update(f, { enabled: true })),
    code: 'KEY_DISABLED',
  },
  {
    name: 'delete the key',
    off: async (f) => void (await deleteKey(f)),
    on: async (f) => void (await recoverKey(f)),
    code: 'KEY_DELETED_OR_VERSION_GONE',
  },
  {
    name: 'take unwrapKey out of key_ops',
    off: async (f) => void (await update(f, { keyOps: ['wrapKey'] })),
    on: async (f) => void (await update(f, { keyOps: [...ALL] })),
    code: 'KEY_OPS_MISSING',
  },
  {
    name: 'remove the role assignment, while our token is cached',
    off: async (f) => void unassign(f),
    on: async (f) => void f.assign(),
    code: 'RBAC_DENIED',
  },
  {
    name: 'take the access policy away, while our token is cached',
    off: async (f) => void vault(f, { rbac: false }),
    on: async (f) => policy(f, ...ALL),
    code: 'ACCESS_POLICY_DENIED',
  },
  {
    name: 'close the firewall',
    off: async (f) => void vault(f, { firewall: { defaultAction: 'Deny' } }),
    on: async (f) => void vault(f, { firewall: { defaultAction: 'Allow' } }),
    code: 'FIREWALL',
  },
  {
    name: 'delete the vault',
    off: async ({ emulator, vault: { name } }) => void emulator.administer('DELETE vaults', { name }),
    on: async ({ emulator, vault: { name }, assign }) => {
      emulator.administer('POST vaults/recover', { name });
      assign();
    },
    code: 'KEY_DELETED_OR_VERSION_GONE',
  },
];

providerContract('Azure Key Vault', {
  start: () => azureFixture(world()),
  badInputs,
  offSwitches,
  notThisEnvelope: 'CIPHERTEXT_OR_ALG_MISMATCH',
  disturbances: {
    faults,
    hang: ({ emulator }) => void emulator.inject({ effect: { kind: 'hang' } }),
    reset: ({ emulator }) => void emulator.inject({ effect: { kind: 'reset' } }),
    mend,
  },
});

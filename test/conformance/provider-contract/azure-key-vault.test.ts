import type { UpdateKeyPropertiesOptions } from '@azure/keyvault-keys';
import type { ProviderCode } from '../../../domain/codes';
import { type AzureFixture, azureFixture, ROLE, sharedAzureWorld } from './azure-world';
import { type BadInput, type Fault, type OffSwitch, providerContract } from './contract';

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

const mend = ({ emulator }: AzureFixture): void => emulator.clearFaults();
const told = (marker: string) => ({
  headers: { 'x-marker': marker },
  requestId: `{${marker}}`,
});

/** A vault's refusal; `says` goes into the message, beside the marker. */
function refusal(
  status: number,
  inner: string | undefined,
  during: 'wrap' | 'unwrap',
  code: ProviderCode,
  says = '',
): Fault<AzureFixture> {
  return {
    row: [status, inner, says].filter((part) => part !== undefined && part !== '').join(' '),
    during,
    inject: ({ emulator }, marker) => {
      emulator.inject({
        match: { service: 'vault', action: during === 'wrap' ? 'KeyWrap' : 'KeyUnwrap' },
        effect: {
          kind: 'error',
          code: marker,
          ...(inner === undefined ? {} : { inner }),
          status,
          message: `${marker} https://${marker}.vault.azure.net ${says}`,
          ...told(marker),
        },
      });
    },
    mend,
    code,
  };
}

type OAuth = 'invalid_request' | 'invalid_client' | 'invalid_grant' | 'invalid_scope' | 'unauthorized_client';

/** A refusal of Entra's, in the course of a renewal. */
function entra(number: number, oauth: OAuth, code: ProviderCode, status = 401): Fault<AzureFixture> {
  return {
    row: `Entra ${oauth} AADSTS${number} (${status})`,
    during: 'unwrap',
    inject: ({ emulator }, marker) => {
      // The token at hand has to go first, or nothing asks for one.
      emulator.inject({
        match: { service: 'vault', action: 'KeyUnwrap' },
        effect: { kind: 'error', code: 'Unauthorized', status: 401, message: marker, ...told(marker) },
        count: 1,
      });
      emulator.inject({
        match: { service: 'entra', action: 'Token' },
        effect: { kind: 'error', code: String(number), oauth, status, message: marker, ...told(marker) },
      });
    },
    mend,
    code,
  };
}

const malformed = (
  body: (marker: string, kid: string) => string,
  row: string,
  during: 'wrap' | 'unwrap',
  status: number,
  code: ProviderCode,
): Fault<AzureFixture> => ({
  row: `an answer that is ${row} (${status})`,
  during,
  inject: ({ emulator, kid }, marker) => {
    emulator.inject({
      match: { service: 'vault', action: during === 'wrap' ? 'KeyWrap' : 'KeyUnwrap' },
      effect: { kind: 'malformed', status, body: body(marker, kid), headers: { 'x-marker': marker } },
    });
  },
  mend,
  code,
});
const html = (marker: string): string => `<html>${marker}</html>`;
const lacking = (marker: string): string => JSON.stringify({ marker });
const keyless = (marker: string, kid: string): string => JSON.stringify({ kid, marker });
const foreign = (marker: string): string =>
  JSON.stringify({ kid: `https://${marker}.example/keys/x/${'0'.repeat(32)}`, value: 'AAAA' });
const elsewhere = (_: string, kid: string): string =>
  JSON.stringify({ kid: kid.replace('contoso-', 'contosa-'), value: 'AAAA' });
const other = (_: string, kid: string): string =>
  JSON.stringify({ kid: kid.replace(/.{32}$/, '0'.repeat(32)), value: 'A'.repeat(342) });
const short = (_: string, kid: string): string => JSON.stringify({ kid, value: 'AAAA' });
const marked = (marker: string, kid: string): string => JSON.stringify({ kid, value: `{${marker}}` });

const faults: Fault<AzureFixture>[] = [
  refusal(403, 'ForbiddenByRbac', 'unwrap', 'RBAC_DENIED'),
  refusal(403, 'ForbiddenByRbac', 'wrap', 'WRAP_DENIED'),
  refusal(403, 'ForbiddenByPolicy', 'unwrap', 'ACCESS_POLICY_DENIED'),
  refusal(403, 'AccessDenied', 'unwrap', 'ACCESS_POLICY_DENIED'),
  refusal(403, 'AccessDenied', 'wrap', 'WRAP_DENIED'),
  refusal(403, 'ForbiddenByFirewall', 'unwrap', 'FIREWALL'),
  refusal(403, 'ForbiddenByConnection', 'wrap', 'FIREWALL'),
  refusal(403, 'KeyDisabled', 'unwrap', 'KEY_DISABLED'),
  refusal(403, undefined, 'unwrap', 'KEY_DISABLED', 'Operation unwrapKey is not allowed on a disabled key.'),
  refusal(
    403,
    'SomethingNew',
    'wrap',
    'KEY_EXPIRED_OR_NBF',
    'Operation wrapKey is not allowed on an expired key.',
  ),
  refusal(403, undefined, 'wrap', 'KEY_OPS_MISSING', 'Operation wrapKey is not permitted on this key.'),
  refusal(403, 'SomethingNew', 'wrap', 'WRAP_DENIED'),
  refusal(403, 'SomethingNew', 'unwrap', 'UNWRAP_DENIED'),
  refusal(404, undefined, 'unwrap', 'KEY_DELETED_OR_VERSION_GONE'),
  refusal(409, 'ObjectIsDeletedButRecoverable', 'unwrap', 'KEY_DELETED_OR_VERSION_GONE'),
  refusal(409, 'SomethingNew', 'unwrap', 'UNCLASSIFIED'),
  refusal(400, undefined, 'unwrap', 'CIPHERTEXT_OR_ALG_MISMATCH'),
  refusal(400, undefined, 'wrap', 'CONFIG_INVALID'),
  refusal(400, undefined, 'wrap', 'KEY_WRONG_TYPE', "is of type 'EC'"),
  refusal(401, undefined, 'unwrap', 'SESSION_EXPIRED'),
  refusal(401, undefined, 'unwrap', 'TENANT_MISMATCH', 'AKV10032: Invalid issuer.'),
  refusal(429, undefined, 'unwrap', 'THROTTLED'),
  refusal(500, undefined, 'unwrap', 'PROVIDER_TRANSIENT'),
  refusal(503, undefined, 'wrap', 'PROVIDER_TRANSIENT'),
  refusal(418, undefined, 'unwrap', 'UNCLASSIFIED'),
  entra(700016, 'unauthorized_client', 'SP_NOT_IN_TENANT', 400),
  entra(7000229, 'unauthorized_client', 'SP_NOT_IN_TENANT', 400),
  entra(7000112, 'unauthorized_client', 'IDENTITY_BLOCKED', 400),
  entra(53003, 'invalid_grant', 'IDENTITY_BLOCKED', 400),
  entra(90002, 'invalid_request', 'TENANT_NOT_FOUND', 400),
  entra(7000215, 'invalid_client', 'OUR_IDENTITY'),
  entra(7000222, 'invalid_client', 'OUR_IDENTITY'),
  entra(700027, 'invalid_client', 'OUR_IDENTITY'),
  entra(700024, 'invalid_client', 'OUR_CLOCK_OR_CREDS'),
  entra(700211, 'invalid_request', 'FEDERATION_MISMATCH', 400),
  entra(700213, 'invalid_client', 'FEDERATION_MISMATCH'),
  entra(1234567, 'unauthorized_client', 'SP_NOT_IN_TENANT', 400),
  entra(1234567, 'invalid_client', 'OUR_IDENTITY'),
  entra(1234567, 'invalid_scope', 'UNCLASSIFIED', 400),
  entra(90033, 'invalid_request', 'PROVIDER_TRANSIENT', 503),
  entra(1234567, 'invalid_request', 'THROTTLED', 429),
  malformed(html, 'not JSON', 'unwrap', 200, 'UNCLASSIFIED'),
  malformed(html, 'not JSON', 'wrap', 200, 'UNCLASSIFIED'),
  malformed(html, 'not JSON', 'unwrap', 503, 'PROVIDER_TRANSIENT'),
  malformed(html, 'not JSON', 'wrap', 302, 'UNCLASSIFIED'),
  malformed(lacking, 'without its members', 'wrap', 200, 'UNCLASSIFIED'),
  malformed(lacking, 'without its members', 'unwrap', 200, 'UNCLASSIFIED'),
  malformed(keyless, 'without a value', 'unwrap', 200, 'UNCLASSIFIED'),
  malformed(marked, 'with a value that isn’t base64url', 'wrap', 200, 'UNCLASSIFIED'),
  malformed(foreign, 'of a host that’s no vault', 'wrap', 200, 'KEY_MISMATCH'),
  malformed(elsewhere, 'of another vault', 'unwrap', 200, 'KEY_MISMATCH'),
  malformed(elsewhere, 'of another vault', 'wrap', 200, 'KEY_MISMATCH'),
  malformed(other, 'of another version', 'wrap', 200, 'KEY_MISMATCH'),
  malformed(other, 'of another version', 'unwrap', 200, 'KEY_MISMATCH'),
  malformed(short, 'too short for RSA', 'wrap', 200, 'KEY_WRONG_TYPE'),
  malformed(short, 'too short for a key', 'unwrap', 200, 'CIPHERTEXT_OR_ALG_MISMATCH'),
];

providerContract('Azure Key Vault', {
  start: () => azureFixture(world()),
  badInputs,
  offSwitches,
  faults,
  notThisEnvelope: 'CIPHERTEXT_OR_ALG_MISMATCH',
  hang: ({ emulator }) => void emulator.inject({ effect: { kind: 'hang' } }),
  reset: ({ emulator }) => void emulator.inject({ effect: { kind: 'reset' } }),
  mend,
});

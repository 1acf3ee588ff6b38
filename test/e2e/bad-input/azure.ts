import { readFileSync, writeFileSync } from 'node:fs';
import type { CreateRsaKeyOptions } from '@azure/keyvault-keys';
import type { AzureConnectionInput } from '../../../domain/connection';
import { azureRoleName } from '../../../domain/set-up/azure';
import { makeAppCertificate } from '../../../emulators/azure/app-certificate';
import { type AzureCustomer, azureCustomer } from '../../../scripts/story/azure-customer';
import type { Arrangement } from '../deployment/arrangement';
import type { AzureCloud } from '../deployment/azure-cloud';
import type { Outside } from '../deployment/outside';
import type { Mistakes } from './mistake';

type Globex = Arrangement<AzureCloud>;

const DAY_MS = 86_400_000;
const NOBODY = '00000000-0000-4000-8000-000000000000';

const entered = (globex: Globex, changes: Partial<AzureConnectionInput> = {}): object => ({
  ...globex.connection(),
  ...changes,
});
/** The key that is set up is named as the token alone. */
const tokenOf = ({ customer }: Globex): string => customer.key().split('/').at(-1) ?? '';

/** A key on which our app has its role; what is wrong with it is in its options, or in its name or vault. */
async function newKey(
  globex: Globex,
  options: CreateRsaKeyOptions = {},
  { keys, vault }: Pick<AzureCustomer, 'keys' | 'vault'> = globex.customer,
  name = `${tokenOf(globex)}-${globex.cloud.lastSequence()}`,
): Promise<string> {
  const { azure, operator } = globex.deployment.outside;
  await keys.createRsaKey(name, { keySize: 2048, keyOps: ['wrapKey', 'unwrapKey'], ...options });
  const principal = { tenantId: globex.customer.account, appId: operator.app.clientId };
  const { objectId: principalId } = azure.administer('POST service-principals', principal);
  const role = azureRoleName(globex.customer.vault.name);
  azure.administer('POST role-assignments', { scope: `${vault.resourceId}/keys/${name}`, principalId, role });
  return `${vault.vaultUri}keys/${name}`;
}

/** Deleted, as the vault keeps it for 90 days. */
async function deleteKey({ keys }: Pick<AzureCustomer, 'keys'>, key: string): Promise<string> {
  const name = key.split('/').at(-1) ?? '';
  await (await keys.beginDeleteKey(name, { intervalInMs: 1 })).pollUntilDone();
  return name;
}

/** Another one in the same tenant, that nobody protects from being purged. */
async function anotherVault({ deployment, customer }: Globex, name: string): Promise<AzureCustomer> {
  const made = await azureCustomer(deployment.outside.azure, { name, tenantId: customer.account });
  deployment.running.push(async () => made.close());
  return made;
}

/** Done to another vault than the one that is set up, with a key in it as it should be. */
const inAnotherVault =
  (name: string, ...steps: ('DELETE vaults' | 'POST vaults/recover' | 'POST vaults/purge')[]) =>
  async (globex: Globex): Promise<object> => {
    const other = await anotherVault(globex, name);
    const key = await newKey(globex, {}, other);
    const { azure } = globex.deployment.outside;
    for (const step of steps) azure.administer(step, { name: other.vault.name });
    return entered(globex, { key });
  };

const withKey =
  (options: CreateRsaKeyOptions) =>
  async (globex: Globex): Promise<object> =>
    entered(globex, { key: await newKey(globex, options) });

export const AZURE: Mistakes<AzureCloud> = {
  made: [
    { name: 'a disabled key', code: 'KEY_DISABLED', make: withKey({ enabled: false }) },
    {
      name: 'a deleted key',
      code: 'KEY_DELETED_OR_VERSION_GONE',
      make: async (globex) => {
        const key = await newKey(globex);
        await deleteKey(globex.customer, key);
        return entered(globex, { key });
      },
    },
    {
      name: 'a purged key',
      code: 'KEY_DELETED_OR_VERSION_GONE',
      make: async (globex) => {
        const other = await anotherVault(globex, 'purging');
        const key = await newKey(globex, {}, other);
        await other.keys.purgeDeletedKey(await deleteKey(other, key));
        return entered(globex, { key });
      },
    },
    {
      name: 'a key of a deleted vault',
      code: 'KEY_DELETED_OR_VERSION_GONE',
      make: inAnotherVault('deleted', 'DELETE vaults'),
    },
    {
      name: 'a key of a recovered vault, which has lost its role assignments',
      code: 'RBAC_DENIED',
      make: inAnotherVault('recovered', 'DELETE vaults', 'POST vaults/recover'),
    },
    {
      name: 'a key of a purged vault',
      code: 'VAULT_PURGED_OR_WRONG',
      make: inAnotherVault('purged', 'DELETE vaults', 'POST vaults/purge'),
    },
    {
      name: 'a vault that isn’t one',
      code: 'VAULT_PURGED_OR_WRONG',
      make: async (globex) => entered(globex, { key: globex.customer.key().replace('globex', 'globax') }),
    },
    {
      name: 'the vault’s name in another cloud',
      code: 'TENANT_NOT_FOUND',
      make: async (globex) =>
        entered(globex, { key: globex.customer.key().replace('.vault.azure.net', '.vault.azure.cn') }),
    },
    {
      name: 'an expired key',
      code: 'KEY_EXPIRED_OR_NBF',
      make: withKey({ expiresOn: new Date(Date.UTC(2020, 0, 1)) }),
    },
    {
      name: 'a key that isn’t valid yet',
      code: 'KEY_EXPIRED_OR_NBF',
      make: withKey({ notBefore: new Date(Date.UTC(2037, 0, 1)) }),
    },
    { name: 'a key without wrapKey', code: 'KEY_OPS_MISSING', make: withKey({ keyOps: ['unwrapKey'] }) },
    {
      // What the vault is shown is a token of the tenant that was entered.
      name: 'another tenant than the vault’s, with our app in it',
      code: 'TENANT_MISMATCH',
      make: async (globex) => {
        const { operator } = globex.deployment.outside;
        return entered(globex, { tenantId: operator.app.tenantId });
      },
    },
    {
      name: 'another tenant, without our app',
      code: 'SP_NOT_IN_TENANT',
      make: async (globex) => {
        const { azure } = globex.deployment.outside;
        const { tenantId } = azure.administer('POST tenants', { name: 'elsewhere' });
        return entered(globex, { tenantId });
      },
    },
    {
      name: 'a tenant that isn’t one',
      code: 'TENANT_NOT_FOUND',
      make: async (globex) => entered(globex, { tenantId: NOBODY }),
    },
    {
      name: 'a key whose name says that it’s another organization’s',
      code: 'KEY_NOT_BOUND',
      make: async (globex) => {
        const key = await newKey(globex, {}, globex.customer, `smsk-${'0'.repeat(20)}`);
        return entered(globex, { key });
      },
    },
    {
      name: 'an app that isn’t ours',
      code: 'REFERENCE_UNKNOWN',
      make: async (globex) => entered(globex, { credential: { kind: 'azure-app', clientId: NOBODY } }),
    },
  ],
  typed: [
    {
      name: 'a host that is no vault',
      field: /key/,
      enter: (globex) => entered(globex, { key: `https://keys.globex.example/keys/${tokenOf(globex)}` }),
    },
    {
      name: 'a cloud that isn’t one of Azure’s',
      field: /key/,
      enter: (globex) => entered(globex, { key: globex.customer.key().replace('.net/', '.com/') }),
    },
    {
      name: 'a managed HSM’s key',
      field: /key.*managed HSM/,
      enter: (globex) => entered(globex, { key: globex.customer.key().replace('.vault.', '.managedhsm.') }),
    },
    {
      name: 'one version of the key',
      field: /key.*version/,
      enter: (globex) => entered(globex, { key: `${globex.customer.key()}/${'0'.repeat(32)}` }),
    },
    {
      name: 'a secret of the vault',
      field: /key.*secret/,
      enter: (globex) => entered(globex, { key: globex.customer.key().replace('/keys/', '/secrets/') }),
    },
    {
      name: 'a tenant’s domain in place of its id',
      field: /tenantId/,
      enter: (globex) => entered(globex, { tenantId: 'globex.onmicrosoft.com' }),
    },
  ],
};

/** The certificate of our app, registered with it as ever, has expired. @returns what puts the good one back */
export function expireOurCertificate({ azure, operator }: Outside): () => void {
  const { clientId: appId, certificateFile } = operator.app;
  const now = Date.now();
  const validity = { notBefore: now - 9 * DAY_MS, notAfter: now - DAY_MS };
  const { certificate, pem } = makeAppCertificate({ commonName: 'past', ...validity });
  azure.administer('POST apps/certificates', { appId, certificate });
  const good = readFileSync(certificateFile);
  writeFileSync(certificateFile, pem);
  return () => writeFileSync(certificateFile, good);
}

import type { PipelinePolicy } from '@azure/core-rest-pipeline';
import { ClientSecretCredential } from '@azure/identity';
import { KeyClient } from '@azure/keyvault-keys';
import { z } from 'zod';
import { EmulatorAgent } from '../../emulators/azure/agent';
import { type Administer, type AzureDoor, administration } from '../../emulators/azure/door-client';
import type { AzureAdvice, Customer } from './customer';

/** As the set-up text makes it. */
const KEY = { keySize: 3072, keyOps: ['wrapKey', 'unwrapKey'] };

export interface AzureCustomer extends Customer {
  readonly provider: 'azure-key-vault';
  readonly vault: Vault;
  /** The administrator's own way in, for whatever else a customer does. */
  readonly keys: KeyClient;
}

interface Vault {
  readonly name: string;
  /** Ends in a slash. */
  readonly vaultUri: string;
  readonly resourceId: string;
}

/** A customer on Azure: a tenant, whose administrator has a vault, and in it the one key once it's told the name. */
export async function azureCustomer(
  door: AzureDoor,
  wanted: { name: string; tenantId: string },
): Promise<AzureCustomer> {
  const { name, tenantId } = wanted;
  const administer = administration(door);
  const { admin } = await administer('POST tenants', { name, tenantId });
  const vault = await administer('POST vaults', { name: `${name.slice(0, 19)}-keys`, tenantId });
  const agent = new EmulatorAgent(door);
  const through = throughAgent(agent);
  const credential = new ClientSecretCredential(tenantId, admin.clientId, admin.clientSecret, through);
  const keys = new KeyClient(vault.vaultUri, credential, through);
  const identifier = (keyName: string) => `${vault.vaultUri}keys/${keyName}`;
  let present = await onlyKeyOf(keys);
  let app: string | null = null;
  const presentKey = (): string => {
    if (present === null) throw new Error(`${name} has no key yet: the set-up tells its name`);
    return present;
  };
  const turn = async (enabled: boolean): Promise<void> => {
    const keyName = presentKey();
    for await (const { version = '' } of keys.listPropertiesOfKeyVersions(keyName)) {
      await keys.updateKeyProperties(keyName, version, { enabled });
    }
  };

  const permitNewest = async (keyOps: string[]): Promise<void> => {
    const keyName = presentKey();
    const { version = '' } = (await keys.getKey(keyName)).properties;
    await keys.updateKeyProperties(keyName, version, { keyOps });
  };

  return {
    provider: 'azure-key-vault',
    account: tenantId,
    vault,
    keys,
    key: () => identifier(presentKey()),
    setUp: async (advice) => {
      if (present === null) {
        const keyName = await advice.azureKeyName({ tenantId, vaultUri: vault.vaultUri });
        await keys.createRsaKey(keyName, KEY);
        present = keyName;
      }
      const told = await advice.azure({ tenantId, key: identifier(present) });
      await permit(administer, { tenantId, vault, keyName: present }, told);
      app = told.clientId;
    },
    connection: () => {
      if (app === null) throw new Error(`${name} isn’t set up yet: that tells whom to let in`);
      const credential = { kind: 'azure-app', clientId: app } as const;
      return { provider: 'azure-key-vault', tenantId, key: identifier(presentKey()), credential };
    },
    disableKey: () => turn(false),
    enableKey: () => turn(true),
    rotateKey: async () => {
      await keys.createRsaKey(presentKey(), KEY);
    },
    disableOldVersions: async () => {
      const keyName = presentKey();
      const newest = (await keys.getKey(keyName)).properties.version;
      for await (const { version = '' } of keys.listPropertiesOfKeyVersions(keyName)) {
        if (version !== newest) await keys.updateKeyProperties(keyName, version, { enabled: false });
      }
    },
    drift: { begin: () => permitNewest(['unwrapKey']), end: () => permitNewest(KEY.keyOps) },
    close: () => agent.destroy(),
  };
}

/** What the set-up text's steps 2, 4, 5 and 6 do, with the role it prints. */
async function permit(
  administer: Administer,
  { tenantId, vault, keyName }: { tenantId: string; vault: Vault; keyName: string },
  { clientId, roleDefinition }: AzureAdvice,
): Promise<void> {
  const { Name, DataActions } = printedRole.parse(roleDefinition);
  await administer('PATCH vaults', { name: vault.name, purgeProtection: true, diagnostics: true });
  const { objectId } = await administer('POST service-principals', { tenantId, appId: clientId });
  await administer('POST roles', { name: Name, dataActions: DataActions });
  const scope = `${vault.resourceId}/keys/${keyName}`;
  const { assignments } = await administer('GET role-assignments', {});
  const known = assignments.some(
    (each) => each.scope === scope.toLowerCase() && each.principalId === objectId && each.role === Name,
  );
  if (!known) await administer('POST role-assignments', { scope, principalId: objectId, role: Name });
}

const printedRole = z.object({ Name: z.string(), DataActions: z.array(z.string()) });

async function onlyKeyOf(keys: KeyClient): Promise<string | null> {
  for await (const { name } of keys.listPropertiesOfKeys()) return name;
  return null;
}

/** What leads the SDK's clients to the emulator: their own options, and nothing of the machine's. */
function throughAgent(agent: EmulatorAgent) {
  const policy: PipelinePolicy = {
    name: 'toEmulator',
    sendRequest: (request, next) => {
      request.agent = agent;
      return next(request);
    },
  };
  return {
    additionalPolicies: [{ policy, position: 'perRetry' as const }],
    retryOptions: { maxRetries: 0 },
  };
}

import { z } from 'zod';
import { type Cloud, clouds } from '../clouds';
import type { Vault } from '../model/state';
import { resourceIdOf, vaultId, type World } from '../model/world';
import { vaultChangeRow } from '../trail/audit';
import { vaultUrl } from '../vault/key-bundle';
import { action } from './action';
import { adminOf, guid, tenantNamed } from './directory';
import { assign, forgetScope } from './roles';

/** Vaults: what Resource Manager's Microsoft.KeyVault/vaults does. */
const dayMs = 86_400_000;
const cloudNames = z.enum(Object.keys(clouds) as [Cloud, ...Cloud[]]);
const firewallSchema = z.strictObject({
  defaultAction: z.enum(['Allow', 'Deny']),
  ipRules: z.array(z.string().regex(/^\d{1,3}(\.\d{1,3}){3}(\/\d{1,2})?$/)).default([]),
});
const named = {
  name: z.string().regex(/^[a-zA-Z](?!.*--)[a-zA-Z0-9-]{1,22}[a-zA-Z0-9]$/),
  cloud: cloudNames.default('public'),
};

/** Its tenant's administrator may do everything with what is in it. Idempotent by name. */
export const createVault = action(
  z.strictObject({
    name: named.name,
    tenantId: guid,
    subscriptionId: guid.optional(),
    resourceGroup: z.string().default('keys'),
    location: z.string().default('westeurope'),
    premium: z.boolean().default(false),
    rbac: z.boolean().default(true),
    retentionDays: z.int().min(7).max(90).default(90),
    purgeProtection: z.boolean().default(false),
    diagnostics: z.boolean().default(false),
    firewall: firewallSchema.default({ defaultAction: 'Allow', ipRules: [] }),
  }),
  (world, { subscriptionId, ...wanted }) => {
    const tenant = tenantNamed(world, wanted.tenantId);
    const known = world.vault(tenant.cloud, wanted.name);
    if (known !== undefined && (known.tenantId !== tenant.id || known.deleted !== undefined))
      throw new RangeError(`the vault name ${wanted.name} is in use`);
    if (known !== undefined) return { ...shown(known), created: false };
    const vault: Vault = {
      ...wanted,
      cloud: tenant.cloud,
      subscriptionId: subscriptionId ?? world.uuid(),
      keys: new Map(),
      secrets: new Map(),
      accessPolicies: new Map(),
      secretPolicies: new Map(),
      requestLimit: undefined,
      deleted: undefined,
    };
    world.state.vaults.set(vaultId(vault.cloud, vault.name), vault);
    const admin = adminOf(world, tenant);
    if (admin !== undefined) {
      vault.accessPolicies.set(admin.objectId, ['all']);
      vault.secretPolicies.set(admin.objectId, ['all']);
      assign(world, resourceIdOf(vault), admin.objectId, 'Key Vault Administrator');
    }
    record(world, vault, 'VaultPut');
    return { ...shown(vault), created: true };
  },
);

export const changeVault = action(
  z.strictObject({
    ...named,
    rbac: z.boolean().optional(),
    diagnostics: z.boolean().optional(),
    /** Can be switched on, and never off again. */
    purgeProtection: z.literal(true).optional(),
    firewall: firewallSchema.optional(),
    /** Requests per ten seconds; null: no limit. */
    requestLimit: z.int().min(0).nullable().optional(),
  }),
  (world, wanted) => {
    const vault = liveVault(world, wanted);
    if (wanted.rbac !== undefined) vault.rbac = wanted.rbac;
    if (wanted.purgeProtection !== undefined) vault.purgeProtection = wanted.purgeProtection;
    if (wanted.firewall !== undefined) vault.firewall = wanted.firewall;
    if (wanted.requestLimit !== undefined) vault.requestLimit = wanted.requestLimit ?? undefined;
    if (wanted.diagnostics !== undefined) vault.diagnostics = wanted.diagnostics;
    record(world, vault, 'VaultPatch');
    return shown(vault);
  },
);

/** Replaces what the object may do with keys, and with secrets if that is given; an empty list takes all away. */
export const setAccessPolicy = action(
  z.strictObject({
    ...named,
    objectId: guid,
    keys: z.array(z.string()),
    secrets: z.array(z.string()).optional(),
  }),
  (world, wanted) => {
    const vault = liveVault(world, wanted);
    const { objectId, keys, secrets } = wanted;
    grant(vault.accessPolicies, objectId, keys);
    if (secrets !== undefined) grant(vault.secretPolicies, objectId, secrets);
    record(world, vault, 'VaultPatch');
    return shown(vault);
  },
);

function grant(policies: Vault['accessPolicies'], objectId: string, permissions: readonly string[]): void {
  if (permissions.length === 0) policies.delete(objectId);
  else policies.set(objectId, permissions);
}

/** Soft: the name and the keys stay, the role assignments are gone for good. */
export const deleteVault = action(z.strictObject(named), (world, wanted) => {
  const vault = liveVault(world, wanted);
  const at = world.clock();
  vault.deleted = { at, purgeAt: at + vault.retentionDays * dayMs };
  forgetScope(world, resourceIdOf(vault));
  record(world, vault, 'VaultDelete');
  return shown(vault);
});

export const recoverVault = action(z.strictObject(named), (world, wanted) => {
  const vault = deletedVault(world, wanted);
  vault.deleted = undefined;
  record(world, vault, 'VaultRecover');
  return shown(vault);
});

/** The host name stops resolving. */
export const purgeVault = action(z.strictObject(named), (world, wanted) => {
  const vault = deletedVault(world, wanted);
  if (vault.purgeProtection) throw new RangeError(`vault ${vault.name} is protected from purging`);
  world.state.vaults.delete(vaultId(vault.cloud, vault.name));
  return {};
});

export const listVaults = action(z.strictObject({}), (world) => ({
  vaults: [...world.state.vaults.values()].map(shown),
}));

interface Named {
  readonly name: string;
  readonly cloud: Cloud;
}

function liveVault(world: World, { cloud, name }: Named): Vault {
  const vault = world.vault(cloud, name);
  if (vault === undefined || vault.deleted !== undefined) throw new RangeError(`no vault ${name}`);
  return vault;
}

function deletedVault(world: World, { cloud, name }: Named): Vault {
  const vault = world.vault(cloud, name);
  if (vault?.deleted === undefined) throw new RangeError(`no deleted vault ${name}`);
  return vault;
}

function record(world: World, vault: Vault, operation: Parameters<typeof vaultChangeRow>[2]): void {
  if (vault.diagnostics) world.trail.append(vaultChangeRow(world, vault, operation), true);
}

interface ShownVault
  extends Pick<
    Vault,
    'name' | 'tenantId' | 'rbac' | 'diagnostics' | 'purgeProtection' | 'retentionDays' | 'firewall'
  > {
  readonly vaultUri: string;
  readonly resourceId: string;
  readonly accessPolicies: readonly { readonly objectId: string; readonly keys: readonly string[] }[];
  readonly deleted: boolean;
}

function shown(vault: Vault): ShownVault {
  const { name, tenantId, rbac, diagnostics, purgeProtection, retentionDays, firewall } = vault;
  return {
    name,
    vaultUri: `${vaultUrl(vault)}/`,
    resourceId: resourceIdOf(vault),
    tenantId,
    rbac,
    diagnostics,
    purgeProtection,
    retentionDays,
    firewall,
    accessPolicies: [...vault.accessPolicies].map(([objectId, keys]) => ({ objectId, keys })),
    deleted: vault.deleted !== undefined,
  };
}

import type { KeyVaultKey } from '@azure/keyvault-keys';
import type { Cloud } from '../../azure-emulator/cloud';
import { type Options, required, type Takes } from './options';

/** Something isn't there, or isn't allowed: what `az` ends with status 3 or 1 for. */
export class AzRefusal extends Error {}

export interface Session {
  readonly cloud: Cloud;
  cli: string;
  tenantId: string | null;
}

export interface AzCommand {
  readonly options: Readonly<Record<string, Takes>>;
  /** Whether it changes something beyond the session. */
  readonly changes?: true;
  readonly run: (session: Session, options: Options) => unknown;
}

const one = (...names: string[]): Readonly<Record<string, Takes>> =>
  Object.fromEntries(names.map((name) => [name, 'one' as const]));

const vaultOf = ({ cloud }: Session, name: string) => {
  const found = cloud.emulator.administer('GET vaults', {}).vaults.find((vault) => vault.name === name);
  if (found === undefined) throw new AzRefusal(`vault ${name} not found in subscription`);
  return found;
};
const vaultWith = (session: Session, resourceId: string) => {
  const { vaults } = session.cloud.emulator.administer('GET vaults', {});
  const found = vaults.find((vault) => vault.resourceId === resourceId.toLowerCase());
  if (found === undefined) throw new AzRefusal('resource not found');
  return found;
};

const shownVault = (session: Session, options: Options) => {
  const vault = vaultOf(session, required(options, '--name'));
  return {
    id: vault.resourceId,
    name: vault.name,
    properties: {
      tenantId: vault.tenantId,
      vaultUri: vault.vaultUri,
      // Every vault has both; the emulated ones have no other state of them.
      enableSoftDelete: true,
      publicNetworkAccess: 'Enabled',
      enablePurgeProtection: vault.purgeProtection || null,
      enableRbacAuthorization: vault.rbac,
      accessPolicies: vault.accessPolicies.map(({ objectId, keys }) => ({ objectId, permissions: { keys } })),
    },
  };
};

const shownKey = ({ keyType, keyOperations, properties }: KeyVaultKey) => ({
  key: { kty: keyType, keyOps: keyOperations },
  attributes: { enabled: properties.enabled },
});
const keysOf = ({ cloud }: Session, options: Options) => {
  if (required(options, '--vault-name') !== cloud.vault.name) throw new AzRefusal('no such host');
  return cloud.keys;
};

const principalOf = ({ cloud, tenantId }: Session, appId: string) => {
  const { principals } = cloud.emulator.administer('GET service-principals', {
    tenantId: tenantId ?? '',
    appId,
  });
  const [found] = principals;
  if (found === undefined) throw new AzRefusal(`Resource '${appId}' does not exist`);
  return { id: found.objectId, appId, accountEnabled: found.enabled };
};

const rolesAt = ({ cloud }: Session, options: Options) => {
  const scope = required(options, '--scope').toLowerCase();
  const { roles } = cloud.emulator.administer('GET roles', {});
  return roles
    .filter(({ name, assignableScopes }) => {
      const isThere = assignableScopes.some((at) => at === '/' || scope === at || scope.startsWith(`${at}/`));
      return name === required(options, '--name') && isThere;
    })
    .map(({ name, dataActions }) => ({ name, permissions: [{ actions: [], dataActions }] }));
};

interface Definition {
  readonly Name: string;
  readonly Actions: readonly string[];
  readonly DataActions: string[];
  readonly AssignableScopes: string[];
}

/** The commands of the set-up text, performed on the emulator; there are no others. */
export const COMMANDS: Readonly<Record<string, AzCommand>> = {
  'cloud set': {
    options: one('--name'),
    run: (session, options) => {
      session.cli = required(options, '--name');
    },
  },
  login: {
    options: one('--tenant'),
    run: (session, options) => {
      session.tenantId = required(options, '--tenant');
    },
  },
  'account show': { options: {}, run: ({ tenantId }) => ({ tenantId }) },
  'keyvault show': { options: one('--name'), run: shownVault },
  'keyvault update': {
    options: one('--name', '--enable-purge-protection'),
    changes: true,
    run: (session, options) => {
      const { name } = vaultOf(session, required(options, '--name'));
      if (required(options, '--enable-purge-protection') !== 'true')
        throw new AzRefusal('cannot be disabled');
      session.cloud.emulator.administer('PATCH vaults', { name, purgeProtection: true });
    },
  },
  'keyvault key show': {
    options: one('--vault-name', '--name'),
    run: async (session, options) => {
      const keys = keysOf(session, options);
      return shownKey(await keys.getKey(required(options, '--name')).catch(refused));
    },
  },
  'keyvault key create': {
    options: { ...one('--vault-name', '--name', '--kty', '--size'), '--ops': 'many' },
    changes: true,
    run: async (session, options) =>
      shownKey(
        await keysOf(session, options)
          .createKey(required(options, '--name'), required(options, '--kty'), {
            keySize: Number(required(options, '--size')),
            keyOps: [...(options['--ops'] ?? [])],
          })
          .catch(refused),
      ),
  },
  'ad sp show': {
    options: one('--id'),
    run: (session, options) => principalOf(session, required(options, '--id')),
  },
  'ad sp create': {
    options: one('--id'),
    changes: true,
    run: (session, options) => {
      const { cloud, tenantId } = session;
      const appId = required(options, '--id');
      const made = cloud.emulator.administer('POST service-principals', { tenantId: tenantId ?? '', appId });
      if (!made.created) throw new AzRefusal('The service principal name is already in use');
      return principalOf(session, appId);
    },
  },
  'role definition list': { options: one('--name', '--scope'), run: rolesAt },
  'role definition create': {
    options: one('--role-definition'),
    changes: true,
    run: ({ cloud }, options) => {
      const wanted = JSON.parse(required(options, '--role-definition')) as Definition;
      const { roles } = cloud.emulator.administer('GET roles', {});
      if (roles.some(({ name }) => name === wanted.Name))
        throw new AzRefusal('RoleDefinitionWithSameNameExists');
      if (wanted.Actions.length > 0) throw new Error('a set-up needs no action of the control plane');
      const { Name: name, DataActions: dataActions, AssignableScopes: assignableScopes } = wanted;
      cloud.emulator.administer('POST roles', { name, dataActions, assignableScopes });
    },
  },
  'role assignment create': {
    options: one('--role', '--assignee-object-id', '--assignee-principal-type', '--scope'),
    changes: true,
    run: ({ cloud }, options) => {
      if (required(options, '--assignee-principal-type') !== 'ServicePrincipal')
        throw new AzRefusal('wrong type');
      const wanted = {
        scope: required(options, '--scope').toLowerCase(),
        principalId: required(options, '--assignee-object-id'),
        role: required(options, '--role'),
      };
      const { assignments } = cloud.emulator.administer('GET role-assignments', {});
      // The CLI answers with the one that's there.
      const isThere = assignments.some(
        ({ scope, principalId, role }) =>
          scope === wanted.scope && principalId === wanted.principalId && role === wanted.role,
      );
      if (!isThere) cloud.emulator.administer('POST role-assignments', wanted);
    },
  },
  'role assignment list': {
    options: { ...one('--assignee', '--scope'), '--include-inherited': 'flag' },
    run: ({ cloud }, options) => {
      const [at, assignee] = [required(options, '--scope').toLowerCase(), required(options, '--assignee')];
      if (assignee === '') throw new AzRefusal('Cannot find user or service principal in graph database');
      const { assignments } = cloud.emulator.administer('GET role-assignments', {});
      return assignments
        .filter(({ scope, principalId }) => {
          const isInherited = options['--include-inherited'] !== undefined && at.startsWith(`${scope}/`);
          return principalId === assignee && (scope === at || isInherited);
        })
        .map(({ role }) => ({ roleDefinitionName: role }));
    },
  },
  'keyvault set-policy': {
    options: { ...one('--name', '--object-id'), '--key-permissions': 'many' },
    changes: true,
    run: (session, options) => {
      const { name, rbac } = vaultOf(session, required(options, '--name'));
      if (rbac) throw new AzRefusal('Cannot set policies to a vault with --enable-rbac-authorization');
      const keys = [...(options['--key-permissions'] ?? [])];
      const objectId = required(options, '--object-id');
      session.cloud.emulator.administer('PUT vaults/access-policies', { name, objectId, keys });
    },
  },
  'monitor diagnostic-settings create': {
    options: one('--name', '--resource', '--workspace', '--logs'),
    changes: true,
    run: (session, options) => {
      const logs = JSON.parse(required(options, '--logs')) as { category: string; enabled: boolean }[];
      const diagnostics = logs.some(({ category, enabled }) => category === 'AuditEvent' && enabled);
      if (!required(options, '--workspace').startsWith('/subscriptions/'))
        throw new AzRefusal('no workspace');
      const { name } = vaultWith(session, required(options, '--resource'));
      session.cloud.emulator.administer('PATCH vaults', { name, diagnostics });
    },
  },
  'monitor diagnostic-settings show': {
    options: one('--name', '--resource'),
    run: (session, options) => {
      const { diagnostics } = vaultWith(session, required(options, '--resource'));
      if (!diagnostics) throw new AzRefusal('The diagnostic setting was not found');
      return { logs: [{ category: 'AuditEvent', enabled: true }] };
    },
  },
  'keyvault network-rule add': {
    options: { ...one('--name'), '--ip-address': 'many' },
    changes: true,
    run: (session, options) => {
      const { name, firewall } = vaultOf(session, required(options, '--name'));
      const ipRules = [...new Set([...firewall.ipRules, ...(options['--ip-address'] ?? [])])];
      session.cloud.emulator.administer('PATCH vaults', { name, firewall: { ...firewall, ipRules } });
    },
  },
  'keyvault network-rule list': {
    options: one('--name'),
    run: (session, options) => {
      const { firewall } = vaultOf(session, required(options, '--name'));
      return { ipRules: firewall.ipRules.map((value) => ({ value })) };
    },
  },
};

function refused(error: unknown): never {
  throw new AzRefusal(error instanceof Error ? error.name : 'refused');
}

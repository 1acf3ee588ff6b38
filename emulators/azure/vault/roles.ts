import type { Vault } from '../model/state';
import { resourceIdOf, type World } from '../model/world';
import type { Addressed } from './call';

const keys = 'Microsoft.KeyVault/vaults/keys';
const secrets = 'Microsoft.KeyVault/vaults/secrets';
const act = (...names: string[]): string[] =>
  names.map((n) => (n === 'read' || n === 'delete' ? `${keys}/${n}` : `${keys}/${n}/action`));

/**
 * Built-in roles and their data actions, as far as they concern keys and secrets:
 * https://learn.microsoft.com/azure/role-based-access-control/built-in-roles/security
 */
const builtIn = new Map<string, readonly string[]>([
  ['Key Vault Administrator', ['Microsoft.KeyVault/vaults/*']],
  ['Key Vault Crypto Officer', [`${keys}/*`]],
  ['Key Vault Crypto User', act('read', 'update', 'encrypt', 'decrypt', 'wrap', 'unwrap', 'sign', 'verify')],
  ['Key Vault Crypto Service Encryption User', act('read', 'wrap', 'unwrap')],
  ['Key Vault Reader', act('read')],
  ['Key Vault Secrets Officer', [`${secrets}/*`]],
  ['Key Vault Secrets User', [`${secrets}/getSecret/action`, `${secrets}/readMetadata/action`]],
]);

export function dataActionsOf(world: World, role: string): readonly string[] | undefined {
  return world.state.roles.get(role)?.dataActions ?? builtIn.get(role);
}

/** Whether a role assignment at the vault or at that key or secret allows it. */
export function allowedByRole(
  world: World,
  vault: Vault,
  principalId: string,
  { collection, name }: Addressed,
  dataAction: string,
): boolean {
  const atVault = resourceIdOf(vault);
  const atObject = `${atVault}/${collection}/${name.toLowerCase()}`;
  for (const { scope, principalId: whose, role } of world.state.assignments.values()) {
    if (whose !== principalId || (scope !== atVault && (name === '' || scope !== atObject))) continue;
    if (dataActionsOf(world, role)?.some((pattern) => covers(pattern, dataAction)) === true) return true;
  }
  return false;
}

function covers(pattern: string, action: string): boolean {
  const [p, a] = [pattern.toLowerCase(), action.toLowerCase()];
  return p.endsWith('*') ? a.startsWith(p.slice(0, -1)) : p === a;
}

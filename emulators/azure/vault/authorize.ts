import { resourceIdOf } from '../model/world';
import { shown } from './authenticate';
import type { VaultCall } from './call';
import { forbidden } from './refusal';
import { allowedByRole } from './roles';

/** What an operation asks for, in the two languages a vault may speak. */
export interface Permission {
  /** In an access policy: `unwrapKey`. */
  readonly policy: string;
  /** In a role: `Microsoft.KeyVault/vaults/keys/unwrap/action`. */
  readonly dataAction: string;
}

/**
 * By role assignments or by access policies, as the vault is set:
 * https://learn.microsoft.com/azure/key-vault/general/rbac-guide
 * https://learn.microsoft.com/azure/key-vault/general/assign-access-policy
 * @throws VaultError
 */
export function authorize(call: VaultCall, permission: Permission): void {
  if (call.vault.rbac) authorizeByRole(call, permission.dataAction);
  else authorizeByPolicy(call, permission.policy);
}

function authorizeByRole({ world, vault, caller, addressed }: VaultCall, dataAction: string): void {
  if (allowedByRole(world, vault, caller.objectId, addressed, dataAction)) return;
  const { collection, name } = addressed;
  const resource = resourceIdOf(vault) + (name === '' ? '' : `/${collection}/${name}`);
  throw forbidden(
    'ForbiddenByRbac',
    `Caller is not authorized to perform action on resource.\r\nIf role assignments, deny assignments or role definitions were changed recently, please observe propagation time.\r\nCaller: ${shown(caller)}\r\nAction: '${dataAction}'\r\nResource: '${resource}'\r\nAssignment: (not found)\r\nDenyAssignmentId: null\r\nDecisionReason: null \r\nVault: ${vault.name};location=${vault.location}\r\n`,
  );
}

function authorizeByPolicy({ vault, caller, addressed }: VaultCall, permission: string): void {
  const { collection } = addressed;
  const policies = collection === 'keys' ? vault.accessPolicies : vault.secretPolicies;
  const granted = policies.get(caller.objectId) ?? [];
  const wanted = permission.toLowerCase();
  if (granted.some((g) => g.toLowerCase() === wanted || g.toLowerCase() === 'all')) return;
  throw forbidden(
    'ForbiddenByPolicy',
    `The user, group or application '${shown(caller)}' does not have ${collection} ${permission} permission on key vault '${vault.name};location=${vault.location}'. For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125287`,
  );
}

import type { z } from 'zod';
import type { World } from '../model/world';
import * as directory from './directory';
import * as federation from './federation';
import * as roles from './roles';
import * as vaults from './vaults';

/** Every act of administration by its route in the control door; the same names serve in-process. */
export const actions = {
  'POST tenants': directory.createTenant,
  'POST apps': directory.createApp,
  'POST apps/certificates': directory.addCertificate,
  'DELETE apps/certificates': directory.removeCertificate,
  'POST apps/federated-credentials': directory.addFederatedCredential,
  'DELETE apps/federated-credentials': directory.removeFederatedCredential,
  'POST apps/secrets': directory.addSecret,
  'GET service-principals': directory.listPrincipals,
  'POST service-principals': directory.installApp,
  'PATCH service-principals': directory.changePrincipal,
  'DELETE service-principals': directory.uninstallApp,
  'POST managed-identities': federation.createManagedIdentity,
  'POST managed-identities/tokens': federation.issueIdentityToken,
  'POST issuers': federation.registerIssuer,
  'POST issuers/tokens': federation.issueOutsideToken,
  'GET vaults': vaults.listVaults,
  'POST vaults': vaults.createVault,
  'PATCH vaults': vaults.changeVault,
  'DELETE vaults': vaults.deleteVault,
  'POST vaults/recover': vaults.recoverVault,
  'POST vaults/purge': vaults.purgeVault,
  'PUT vaults/access-policies': vaults.setAccessPolicy,
  'GET roles': roles.listRoles,
  'POST roles': roles.defineRole,
  'GET role-assignments': roles.listAssignments,
  'POST role-assignments': roles.assignRole,
  'DELETE role-assignments': roles.removeAssignment,
} as const;

export type ActionName = keyof typeof actions;
export type ActionInput<Name extends ActionName> = z.input<(typeof actions)[Name]['schema']>;
export type ActionResult<Name extends ActionName> = ReturnType<(typeof actions)[Name]['run']> & AfterSequence;

/** Number of the last audit row when the change took effect: a later row was decided after it. */
export interface AfterSequence {
  readonly afterSequence: number;
}

export function isActionName(route: string): route is ActionName {
  return Object.hasOwn(actions, route);
}

/**
 * Parses, does and saves in one synchronous step.
 * @throws ZodError
 * @throws RangeError
 */
export function administer(world: World, route: ActionName, input: unknown): object & AfterSequence {
  const { schema, run } = actions[route] as {
    readonly schema: z.ZodType<object>;
    readonly run: (world: World, input: object) => object;
  };
  const result = run(world, schema.parse(input));
  world.save();
  return { ...result, afterSequence: world.trail.last };
}

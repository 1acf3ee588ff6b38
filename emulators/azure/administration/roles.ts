import { z } from 'zod';
import type { World } from '../model/world';
import { dataActionsOf } from '../vault/roles';
import { action } from './action';
import { guid } from './directory';

/** Role definitions and assignments: what Microsoft.Authorization does. */

export const defineRole = action(
  z.strictObject({
    name: z.string().min(1),
    dataActions: z.array(z.string()).min(1),
    assignableScopes: z.array(z.string().startsWith('/')).min(1).default(['/']),
  }),
  (world, { name, dataActions, assignableScopes }) => {
    const scopes = assignableScopes.map((scope) => scope.toLowerCase());
    world.state.roles.set(name, { dataActions, assignableScopes: scopes });
    return { name };
  },
);

/** Custom ones. */
export const listRoles = action(z.strictObject({}), (world) => ({
  roles: [...world.state.roles].map(([name, role]) => ({ name, ...role })),
}));

/** `scope` is the resource id of a vault, or that and `/keys/<name>` or `/secrets/<name>`. Applies at once; Azure takes minutes. */
export const assignRole = action(
  z.strictObject({ scope: z.string().startsWith('/subscriptions/'), principalId: guid, role: z.string() }),
  (world, { scope, principalId, role }) => {
    if (dataActionsOf(world, role) === undefined) throw new RangeError(`no role ${role}`);
    if (!isAssignableAt(world, role, scope.toLowerCase()))
      throw new RangeError(`role ${role} can't be assigned at ${scope}`);
    return { id: assign(world, scope, principalId, role) };
  },
);

function isAssignableAt(world: World, role: string, at: string): boolean {
  const scopes = world.state.roles.get(role)?.assignableScopes ?? ['/'];
  return scopes.some((scope) => scope === '/' || at === scope || at.startsWith(`${scope}/`));
}

export const removeAssignment = action(z.strictObject({ id: z.string() }), (world, { id }) => ({
  removed: world.state.assignments.delete(id),
}));

export const listAssignments = action(z.strictObject({}), (world) => ({
  assignments: [...world.state.assignments.values()],
}));

export function assign(world: World, scope: string, principalId: string, role: string): string {
  const id = world.uuid();
  world.state.assignments.set(id, { id, scope: scope.toLowerCase(), principalId, role });
  return id;
}

/** Drops every assignment at or below the scope. */
export function forgetScope(world: World, scope: string): void {
  for (const [id, assignment] of world.state.assignments) {
    if (assignment.scope === scope || assignment.scope.startsWith(`${scope}/`))
      world.state.assignments.delete(id);
  }
}

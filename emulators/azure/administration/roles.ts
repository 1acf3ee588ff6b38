import { z } from 'zod';
import type { World } from '../model/world';
import { dataActionsOf } from '../vault/roles';
import { action } from './action';
import { guid } from './directory';

/** Role definitions and assignments: what Microsoft.Authorization does. */

export const defineRole = action(
  z.strictObject({ name: z.string().min(1), dataActions: z.array(z.string()).min(1) }),
  (world, { name, dataActions }) => {
    world.state.roles.set(name, dataActions);
    return { name };
  },
);

/** `scope` is the resource id of a vault, or that and `/keys/<name>`. Applies at once; Azure takes minutes. */
export const assignRole = action(
  z.strictObject({ scope: z.string().startsWith('/subscriptions/'), principalId: guid, role: z.string() }),
  (world, { scope, principalId, role }) => {
    if (dataActionsOf(world, role) === undefined) throw new RangeError(`no role ${role}`);
    return { id: assign(world, scope, principalId, role) };
  },
);

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

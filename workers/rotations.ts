import type { RotationRule } from '../domain/rotation';
import type { Store } from '../store/contract';
import type { StartRun } from './start';

/**
 * Starts what is due: noticed by the sweep, postponed because another operation held the lock, or by a key version's age
 * or use. What each then does is the store's word, not this start's.
 */
export async function startDueRotations(
  store: Pick<Store, 'rotationsDue'>,
  start: StartRun,
  rule: RotationRule,
): Promise<void> {
  for (const { organization } of await store.rotationsDue(rule)) await start(organization.name);
}

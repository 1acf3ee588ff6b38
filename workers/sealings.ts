import type { Store } from '../store/contract';
import type { StartRun } from './start';

/** So long a sealing goes on by itself before it's made sure that it does: a retry of its slowest step. */
const UNDER_WAY_MS = 90_000;

/**
 * A switch whose run was terminated leaves the former platform key unproved: it is taken over by another run, which
 * goes on where the operation stands. One that runs is left alone.
 */
export async function resumeSealings(
  store: Pick<Store, 'sealingFor'>,
  start: StartRun,
  underWayMs = UNDER_WAY_MS,
): Promise<void> {
  for (const organization of await store.sealingFor(underWayMs)) await start(organization);
}

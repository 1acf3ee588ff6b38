import { msOf } from '../../../domain/ids';
import type { Reference } from '../reference/custody';
import { demand } from '../reference/entry';
import { carriedOut } from '../runs/perform';
import type { Run, Step } from '../runs/run';
import type { Disturbance } from '../world/turmoil';
import type { World } from '../world/world';
import { refusalOf } from './content';

/** An activity that belongs to no operation. */
export function tried(world: World, step: Step, disturbance: Disturbance | null): Promise<string | null> {
  const nobody = { done: new Set<string>() } as Run;
  return carriedOut(world, {}, nobody, step, disturbance);
}

/** As the recovery opens it in the ledger. */
export function openIncident(world: World): Step {
  const act = () => world.custody.openIncident({ organization: world.name }).then(() => null);
  return { name: 'openIncident', act };
}

/**
 * As the recovery probes: an incident is closed where all that is live can be read, and only there.
 * @returns whether it is closed. @throws Violation
 */
export async function proved(
  world: World,
  reference: Reference,
  disturbance: Disturbance | null,
): Promise<boolean> {
  const { store } = world.parts;
  const incident = await store.openIncident(world.id);
  if (incident === null) return false;
  const input = { organization: world.name, incident: incident.id };
  let closed = false;
  const act = async () => {
    const probed =
      reference.custody === 'customer'
        ? await world.custody.proveRecovery(input)
        : await world.operator.provePlatformRecovery(input);
    closed = probed.closed;
    return null;
  };
  const began = msOf(await store.now());
  await tried(world, { name: 'prove', act }, disturbance);
  const refusals = [...reference.live.keys()].map((version) => refusalOf(world, reference, version));
  const inUse = reference.custody === 'customer' ? [...reference.keysInUse()] : [];
  const isWell = refusals.every((code) => code === null) && inUse.every(world.customer.isWell);
  if (closed)
    demand(
      refusals.every((code) => code === null),
      'closed though a live version can’t be read',
    );
  const isOver = msOf(incident.lastRefusalAt) < began;
  if (disturbance === null && isWell && isOver) demand(closed, 'all is well, and the incident stays open');
  return closed;
}

import type { OrganizationId } from '../../../domain/ids';
import type { World } from '../world/world';
import { sent } from './messages';
import { newRun, stepOf } from './run';

/** `createOrganization`, undisturbed: what every story begins with. */
export async function created(world: World): Promise<void> {
  const { custody, operator, name } = world;
  await world.within(async () => {
    const start = sent(name, 'createOrganization', { organization: name }, 'support', {
      isStart: true,
    });
    const standing = await custody.openOrganization({ name, claimant: 'creation', sent: start });
    const run = newRun('create', 'creation', standing);
    world.id = standing.organization.id as OrganizationId;
    run.standing = await operator.createPlatformKey(stepOf(run, 'platform-key'));
    run.standing = await operator.mintFirstVersion(stepOf(run, 'mint'));
    await custody.enterPlatformCustody(stepOf(run, 'enter'));
  });
  world.customer.created(name);
  await world.order();
  await world.enrol();
}

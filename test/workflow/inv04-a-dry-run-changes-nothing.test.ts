import { type Rig, startRig } from './support/rig';
import { Story } from './support/story';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
}, 60_000);
afterAll(() => rig.stop());

it('invariant 4: custody, connection, envelopes and key states are the same after it; only its own entry is new', async () => {
  const world = rig.fresh();
  const story = await Story.begin(rig, 'inv04');
  await story.toDryRun();
  const state = () => {
    const { custody, connections, envelopes, platformKey, statements, approvals } = world.store.rows(
      story.id,
    );
    const keys = [...world.platform.ring.keys, ...world.customer.ring.keys].map(([ref, key]) => [
      ref,
      key.state,
    ]);
    return structuredClone({ custody, connections, envelopes, platformKey, statements, approvals, keys });
  };
  const before = state();
  const entries = story.entries();
  const effects = world.effects.trace.length;

  await story.dryRun();
  world.customer.refuses = { unwrap: 'UNWRAP_DENIED' };
  await story.dryRun();

  expect(state()).toEqual(before);
  expect(story.entries()).toEqual([...entries, 'dry-run-recorded', 'dry-run-recorded']);
  expect(new Set(world.effects.trace.slice(effects))).toEqual(
    new Set(['provider.verify', 'store.commit dry-run-recorded']),
  );
  await story.end();
});

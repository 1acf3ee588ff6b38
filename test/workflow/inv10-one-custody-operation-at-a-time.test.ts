import { SYSTEM } from '../../domain/actor';
import type { Epoch } from '../../domain/ids';
import { startActivation, WORKFLOW_TYPES } from '../../workflows/contract';
import { hanging } from './support/hanging';
import { type Rig, startRig } from './support/rig';
import { refusalOf, Story, tokenFor } from './support/story';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
}, 60_000);
afterAll(() => rig.stop());
let story: Story;
afterEach(() => story.end());
async function begin(name: string): Promise<void> {
  rig.fresh();
  story = await Story.begin(rig, name);
}

describe('invariant 10: one custody operation at a time', () => {
  it.each(['stageVersion', 'mintVersion', 'switchCustody'])(
    'terminated in mid-live with %s in flight, then started again: the new run finishes, the old step changes nothing',
    async (activity) => {
      await begin(`term-${activity.toLowerCase()}`);
      await story.toLive();
      const stale = hanging(rig, activity);
      await story.launch();
      await stale.reached;
      await story.handle.terminate('by hand');
      await story.start();
      await story.at('handoff');
      const entries = story.entries();
      expect(await stale.letGo()).not.toBe('done');
      expect(story.entries()).toEqual(entries);
      expect(entries.filter((type) => type === 'custody-switched')).toHaveLength(2);
      expect(entries).toContain('operation-claimed');
      expect(await story.handOff()).toMatchObject({ outcome: 'completed', currentVersion: 2 });
    },
  );

  it.each(['disablePlatformKey', 'recordSealed', 'schedulePlatformKeyDeletion'])(
    'terminated while sealing, at %s: the next run seals on from there',
    async (activity) => {
      await begin(`seal-${activity.toLowerCase()}`);
      await story.toLive();
      const stale = hanging(rig, activity);
      await story.launch();
      await stale.reached;
      await story.handle.terminate('by hand');
      await story.start();
      await story.at('handoff');
      expect(await stale.letGo()).not.toBe('done');
      const counts = new Map<string, number>();
      for (const type of story.entries()) counts.set(type, (counts.get(type) ?? 0) + 1);
      for (const type of ['platform-sealed', 'platform-envelopes-erased', 'live-entered']) {
        expect(counts.get(type)).toBe(1);
      }
      expect(await story.handOff()).toMatchObject({ outcome: 'completed' });
    },
  );

  it('a run whose operation another claimant took over ends, and says so', async () => {
    await begin('stale');
    await story.toApproval();
    const { store } = story.world;
    await store.claim({
      organization: story.name,
      kind: 'activate',
      claimant: 'second worker',
      actor: SYSTEM,
    });
    expect((await refusalOf(story.send('approve', await story.decision()))).code).toBe('OPERATION_STALE');
    expect((await refusalOf(story.result())).code).toBe('OPERATION_STALE');
    expect(story.entries()).not.toContain('approval-accepted');
  });

  it('another worker with a stale epoch changes nothing', async () => {
    await begin('epoch');
    await story.toLive();
    const { store, custody } = story.world;
    const planDigest = await story.planDigest();
    const row = story.operation();
    await store.claim({
      organization: story.name,
      kind: 'activate',
      claimant: 'second worker',
      actor: SYSTEM,
    });
    const message = { operationId: row.id, planDigest };
    const step = {
      organization: { id: story.id, name: story.name },
      operationId: row.id,
      epoch: 2 as Epoch,
      stage: 'live' as const,
      sent: {
        payload: { ...message, actor: tokenFor(story.name, 'launchLive', message, 'support', 'stale') },
        updateId: 'stale',
        name: 'stale',
      },
    };
    await expect(custody.launchLive(step)).rejects.toMatchObject({
      type: 'OPERATION_STALE',
      nonRetryable: true,
    });
    expect(story.entries()).not.toContain('live-launched');
  });

  it('a second run under the same id is refused by the server', async () => {
    await begin('same-id');
    await story.toSetup();
    await expect(story.start()).rejects.toThrow(/already (started|running)/i);
  });
});

it('an id that names another organization’s activation is refused before anything is claimed', async () => {
  await begin('mine');
  const options = { ...startActivation({ organization: 'mine' }), workflowId: 'activation/other' };
  const run = rig.client.workflow.execute(WORKFLOW_TYPES.activateCustomerKey, options);
  expect((await refusalOf(run)).code).toBe('WORKFLOW_ID_FOREIGN');
  expect(story.world.store.rows(story.id).operations.map(({ kind }) => kind)).toEqual(['create']);
});

import { temporal } from '@temporalio/proto';
import { UNVERIFIED } from '../../domain/actor';
import { rotationId } from '../../workflows/contract';
import { hanging } from './support/hanging';
import { type Rig, realServer, startRig } from './support/rig';
import {
  activeAtAzure,
  customerRotates,
  entriesSince,
  liveOf,
  readable,
  rotate,
  rotationOf,
  startRotating,
} from './support/rotation';
import { azureVersionOf, refusalOf, type Story } from './support/story';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig(realServer);
}, 60_000);
afterAll(() => rig.stop());

async function active(name: string): Promise<Story> {
  rig.fresh();
  const story = await activeAtAzure(rig, name);
  customerRotates(story);
  return story;
}

/** What came of it is one rotation: everything is under the new version, once. */
async function expectRotatedOnce(story: Story, before: number): Promise<void> {
  expect(await readable(story)).toEqual([1, 2, 3]);
  const keyRef = azureVersionOf(story.name, 2);
  expect((await liveOf(story)).every((each) => each.keyRef === keyRef)).toBe(true);
  const entries = entriesSince(story, before);
  for (const type of ['rotation-launched', 'custody-switched', 'superseded-envelopes-erased']) {
    expect([type, entries.filter((each) => each === type).length]).toEqual([type, 1]);
  }
  expect(entries.filter((type) => type === 'envelope-staged')).toHaveLength(3);
}

const STEPS = [
  'verifyForRotation',
  'launchRotation',
  'rewrapVersion',
  'mintNextVersion',
  'switchRotation',
  'eraseSuperseded',
];

describe('invariant 10: one custody operation at a time', () => {
  it.each(STEPS)(
    'terminated with %s in flight, then started again by nobody in particular: the new run finishes, the old step changes nothing',
    async (activity) => {
      const story = await active(`term-${activity.toLowerCase()}`);
      const before = story.entries().length;
      const stale = hanging(rig, activity);
      const first = await startRotating(story, { newKeyVersion: true });
      await stale.reached;
      await first.terminate('by hand');
      expect(await rotate(story, {}, null)).toMatchObject({ outcome: 'completed', reason: null });
      const entries = story.entries();
      expect(await stale.letGo()).not.toBe('done');
      // That it came too late may be on record.
      expect(story.entries().filter((type) => type !== 'refusal')).toEqual(entries);
      expect(entriesSince(story, before)).toContain('operation-claimed');
      await expectRotatedOnce(story, before);
    },
    30_000,
  );

  it.each(['first', 'last'] as const)(
    'a run reset to its %s task while it stages goes on where the store stands',
    async (which) => {
      const story = await active(`reset-${which}`);
      const before = story.entries().length;
      const stale = hanging(rig, 'mintNextVersion');
      await startRotating(story, { newKeyVersion: true });
      await stale.reached;
      await reset(story, which);
      expect(await rotationOf(story).result()).toMatchObject({ outcome: 'completed' });
      await stale.letGo();
      await expectRotatedOnce(story, before);
    },
    30_000,
  );

  it('a run whose rotation another claimant took over ends, and says so', async () => {
    const story = await active('stale');
    const held = hanging(rig, 'launchRotation');
    const handle = await startRotating(story);
    await held.reached;
    const { store } = story.world;
    await store.claim({ organization: story.name, kind: 'rotate', claimant: 'another', actor: UNVERIFIED });
    expect(await held.letGo()).toBe('OPERATION_STALE');
    expect((await refusalOf(handle.result())).code).toBe('OPERATION_STALE');
    expect(story.entries()).not.toContain('rotation-launched');
  });

  it('while another operation holds the lock a rotation ends, is due, and runs when that one has ended', async () => {
    const story = await active('locked');
    const before = story.entries().length;
    const live = await liveOf(story);
    const { store } = story.world;
    const held = { ...store.rows(story.id).operations.at(-1), id: 'another', kind: 'offboard' } as never;
    store
      .rows(story.id)
      .operations.push(Object.assign({}, held, { stage: 'live', holdsLock: true, epoch: 3 }));
    expect(await rotate(story, { newKeyVersion: true })).toMatchObject({
      outcome: 'refused',
      reason: 'OPERATION_LOCKED',
    });
    expect(await liveOf(story)).toEqual(live);
    expect(entriesSince(story, before)).toEqual([
      'operation-opened',
      'verification-recorded',
      'rotation-postponed',
    ]);
    store.rows(story.id).operations.splice(-2, 1);
    expect(await store.rotationsDue({ maxAgeDays: 90, maxOperations: 1 })).toMatchObject([
      { organization: { name: 'locked' }, cause: 'request', newKeyVersion: true },
    ]);
    expect(await rotate(story, {}, null)).toMatchObject({ outcome: 'completed' });
    expect(await readable(story)).toEqual([1, 2, 3]);
  });
});

async function reset(story: Story, toTask: 'first' | 'last'): Promise<void> {
  const handle = rotationOf(story);
  const { events } = await handle.fetchHistory();
  const { EVENT_TYPE_WORKFLOW_TASK_COMPLETED } = temporal.api.enums.v1.EventType;
  const tasks = (events ?? []).filter(({ eventType }) => eventType === EVENT_TYPE_WORKFLOW_TASK_COMPLETED);
  const task = toTask === 'first' ? tasks[0] : tasks.at(-1);
  const { runId } = await handle.describe();
  await rig.environment.connection.workflowService.resetWorkflowExecution({
    namespace: rig.environment.namespace ?? 'default',
    workflowExecution: { workflowId: rotationId(story.name), runId },
    reason: 'by hand',
    workflowTaskFinishEventId: task?.eventId ?? null,
    requestId: `${toTask}-${runId}`,
  });
}

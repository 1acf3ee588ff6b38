import { createMetrics } from '../../runtime/metrics';
import { resumingOperations } from '../../workers/resume';
import { resumedAt } from '../../workers/start';
import { activationId, organizationWorkflowId, resuming, startActivation } from '../../workflows/contract';
import { hanging } from './support/hanging';
import { Offboarding } from './support/offboarding';
import { type Rig, realServer, startRig } from './support/rig';
import { refusalOf, Story } from './support/story';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig(realServer);
}, 60_000);
afterAll(() => rig.stop());

/** One look, as a custody worker makes it at its start and every minute. @returns what it started */
async function look(): Promise<readonly string[]> {
  const resumed: string[] = [];
  const resume = resumedAt(rig.client);
  await resumingOperations({
    store: rig.world.store,
    resume: async (kind, name, id) => {
      const isStarted = await resume(kind, name, id);
      if (isStarted) resumed.push(kind);
      return isStarted;
    },
    clock: () => performance.now(),
    metrics: createMetrics(),
    logger: { warn: () => undefined },
  })();
  return resumed;
}

async function begin(name: string): Promise<Story> {
  rig.fresh();
  return Story.begin(rig, name);
}

/** The run is gone; `deleted`: with its history, as it is with a Temporal that was put back empty. */
async function lose(story: Story, how: 'terminated' | 'deleted'): Promise<void> {
  await story.handle.terminate('by a test');
  if (how === 'terminated') return;
  const { namespace } = rig.client.options;
  const workflowExecution = { workflowId: activationId(story.name) };
  await rig.client.workflowService.deleteWorkflowExecution({ namespace, workflowExecution });
}

test('before the switch it goes on where it stood, at each stage, and comes to its end', async () => {
  const story = await begin('before');
  const lost = async (how: 'terminated' | 'deleted', stage: Parameters<Story['at']>[0]) => {
    await lose(story, how);
    expect(await look()).toEqual(['activate']);
    expect(await look()).toEqual([]);
    await story.at(stage);
  };
  await story.toSetup();
  await lost('terminated', 'setup');
  await story.connect();
  await story.at('dry-run');
  await lost('deleted', 'dry-run');
  await story.dryRun();
  await story.review();
  await lost('terminated', 'approval');
  await story.approve();
  await lost('deleted', 'live');
  await story.launch();
  await story.at('handoff');
  await lost('terminated', 'handoff');
  expect(await story.handOff()).toMatchObject({ outcome: 'completed', currentVersion: 2 });
  expect(story.entries().filter((type) => type === 'operation-opened')).toHaveLength(2);
  expect(story.entries().filter((type) => type === 'operation-claimed')).toHaveLength(5);
}, 60_000);

test('an offboarding goes on without anybody’s word, and keeps both approvals', async () => {
  const story = await begin('leaving');
  await story.complete();
  const offboarding = new Offboarding(story);
  const lost = async (stage: Parameters<Offboarding['at']>[0]) => {
    await offboarding.handle.terminate('by a test');
    expect(await look()).toEqual(['offboard']);
    await offboarding.at(stage);
  };
  await offboarding.toApproval();
  await lost('approval');
  await offboarding.customerApproves();
  await lost('approval');
  await offboarding.operatorApproves();
  await lost('live');
  await offboarding.launch();
  await offboarding.at('handoff');
  await lost('handoff');
  expect(story.refusals()).toEqual([]);
  expect(offboarding.operation()).toMatchObject({ stage: 'handoff' });
  expect(await offboarding.readable()).toEqual([1, 2]);
}, 60_000);

test.each(['stageVersion', 'switchCustody', 'disablePlatformKey', 'schedulePlatformKeyDeletion'])(
  'lost in the middle of going live, at %s, another run finishes, and the late step changes nothing',
  async (activity) => {
    const story = await begin(`amid-${activity.toLowerCase()}`);
    await story.toLive();
    const stale = hanging(rig, activity);
    await story.launch();
    await stale.reached;
    await lose(story, 'terminated');
    expect(await look()).toEqual(['activate']);
    await story.at('handoff');
    expect(await stale.letGo()).not.toBe('done');
    expect(await story.handOff()).toMatchObject({ outcome: 'completed' });
  },
  60_000,
);

test('a creation that failed halfway goes on without anybody’s word; a finished one isn’t taken up', async () => {
  const { store } = rig.fresh();
  rig.instead.set('mintFirstVersion', async () => {
    rig.instead.clear();
    throw new Error('the worker died');
  });
  const failed = Story.begin(rig, 'halfway');
  const gone = rig.client.workflow.getHandle(organizationWorkflowId('halfway'));
  await new Promise<void>((resolve) => {
    const waiting = setInterval(() => {
      if (rig.instead.size > 0) return;
      clearInterval(waiting);
      resolve();
    }, 10);
  });
  await gone.terminate('by a test');
  await expect(failed).rejects.toThrow();
  expect(await look()).toEqual(['create']);
  await gone.result();
  const [organization] = await store.openOperations();
  expect(organization).toBeUndefined();
  expect(await look()).toEqual([]);
}, 60_000);

test('what a run lawfully closed isn’t resurrected, though the look was made before it ended', async () => {
  const story = await begin('closed');
  await story.toSetup();
  const { id } = story.operation();
  await story.send('cancel', {});
  await story.result();
  expect(await look()).toEqual([]);
  const { type, options } = resuming('activate', story.name, id);
  expect((await refusalOf(rig.client.workflow.execute(type, options))).code).toBe('OPERATION_UNKNOWN');
  expect(story.operation()).toMatchObject({ id, stage: 'closed', outcome: 'cancelled' });
  const other = { ...startActivation({ organization: story.name, operationId: 'x' }) };
  expect((await refusalOf(rig.client.workflow.execute(type, other))).code).toBe('INPUT_INVALID');
}, 60_000);

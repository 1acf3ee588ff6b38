import { temporal } from '@temporalio/proto';
import { activationId } from '../../workflows/contract';
import { type Rig, realServer, startRig } from './support/rig';
import { Story } from './support/story';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig(realServer);
}, 60_000);
afterAll(() => rig.stop());

async function reset(story: Story, toTask: 'first' | 'last'): Promise<void> {
  const { events } = await story.handle.fetchHistory();
  const { EVENT_TYPE_WORKFLOW_TASK_COMPLETED } = temporal.api.enums.v1.EventType;
  const tasks = (events ?? []).filter(({ eventType }) => eventType === EVENT_TYPE_WORKFLOW_TASK_COMPLETED);
  const task = toTask === 'first' ? tasks[0] : tasks.at(-1);
  const { runId } = await story.handle.describe();
  await rig.environment.connection.workflowService.resetWorkflowExecution({
    namespace: rig.environment.namespace ?? 'default',
    workflowExecution: { workflowId: activationId(story.name), runId },
    reason: 'by hand',
    workflowTaskFinishEventId: task?.eventId ?? null,
    requestId: `${toTask}-${runId}`,
  });
}

it.each(['first', 'last'] as const)(
  'invariant 10: a run reset to its %s task goes on where the store stands, under an epoch of its own if it must',
  async (toTask) => {
    rig.fresh();
    const story = await Story.begin(rig, `reset-${toTask}`);
    await story.toApproval();
    await reset(story, toTask);
    await story.at('approval');
    await story.approve();
    await story.launch();
    await story.at('handoff');
    expect(story.entries().filter((type) => type === 'approval-accepted')).toHaveLength(1);
    expect(await story.handOff()).toMatchObject({ outcome: 'completed', currentVersion: 2 });
  },
  30_000,
);

it('invariant 10: reset while it seals, it seals on; nothing is done twice', async () => {
  rig.fresh();
  const story = await Story.begin(rig, 'reset-sealing');
  await story.toLive();
  let letGo = () => {};
  const gate = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const reached = new Promise<void>((resolve) => {
    rig.instead.set('recordSealed', async (original) => {
      rig.instead.delete('recordSealed');
      resolve();
      await gate;
      return original();
    });
  });
  await story.launch();
  await reached;
  await reset(story, 'first');
  await story.at('handoff');
  const entries = story.entries();
  letGo();
  expect(await story.handOff()).toMatchObject({ outcome: 'completed' });
  expect(entries.filter((type) => type === 'platform-sealed')).toHaveLength(1);
  expect(entries.filter((type) => type === 'live-entered')).toHaveLength(1);
  // A reset sends the run's updates again; at this stage they are refused, which is on record.
  const made = (all: string[]) => all.filter((type) => type !== 'refusal');
  expect(made(story.entries())).toEqual([...made(entries), 'handoff-recorded']);
}, 30_000);

import { Client } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import type { PlatformSweepActivities, SweepActivities } from '../../activities';
import { waitUntil } from '../../scripts/parts/wait';
import { ensureSchedule, sweepSchedule } from '../../workers/schedules';
import { SWEEP_SCHEDULE_ID, startSweep, TASK_QUEUES, WORKFLOW_TYPES } from '../../workflows/contract';
import { TEST_CONVERTER } from '../fakes/sealing';
import { realServer } from './support/rig';

const PERIOD_MS = 300_000;

import { workflowBundle } from '../harness/workflow-bundle';

let environment: TestWorkflowEnvironment;
let client: Client;
let stop: () => Promise<void>;
const calls: string[] = [];
/** Instead of an activity. */
const instead = new Map<string, () => Promise<unknown>>();

beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });
  environment = await realServer();
  const namespace = environment.namespace ?? 'default';
  client = new Client({ connection: environment.connection, namespace, dataConverter: TEST_CONVERTER });
  const play = (name: string, answer: unknown) => async () => {
    calls.push(name);
    return (await instead.get(name)?.()) ?? answer;
  };
  const custody: Record<keyof SweepActivities, () => Promise<unknown>> = {
    sweepCustomerKeys: play('sweepCustomerKeys', { probed: 500, failed: 1 }),
    sweepRecords: play('sweepRecords', { probed: 1_000, failed: 0 }),
    probeOrganization: play('probeOrganization', { probed: 1, failed: 0 }),
    completeSweep: play('completeSweep', undefined),
  };
  const platform: Record<keyof PlatformSweepActivities, () => Promise<unknown>> = {
    sweepPlatformKeys: play('sweepPlatformKeys', { probed: 10, failed: 0 }),
  };
  const shared = { connection: environment.nativeConnection, namespace, dataConverter: TEST_CONVERTER };
  const workers = await Promise.all([
    Worker.create({
      ...shared,
      taskQueue: TASK_QUEUES.custody,
      workflowBundle: workflowBundle(),
      activities: custody,
    }),
    Worker.create({ ...shared, taskQueue: TASK_QUEUES.platform, activities: platform }),
  ]);
  const running = Promise.all(workers.map((worker) => worker.run()));
  stop = async () => {
    for (const worker of workers) worker.shutdown();
    await running;
    await environment.teardown();
  };
  // Paused it runs when it's told to, and not by the clock in the middle of a test.
  await ensureSchedule(client, sweepSchedule(PERIOD_MS));
  await schedule().pause('for a while');
  await waitUntil(async () => (await schedule().describe()).state.paused, 10_000);
}, 120_000);
afterAll(() => stop());
beforeEach(() => {
  calls.length = 0;
  instead.clear();
});

const schedule = () => client.schedule.getHandle(SWEEP_SCHEDULE_ID);

/** Triggers the schedule's next run, and waits for its end. @returns its id */
async function run(): Promise<string> {
  const before = (await schedule().describe()).info.recentActions.length;
  await schedule().trigger();
  let workflowId = '';
  const begun = await waitUntil(async () => {
    const { recentActions } = (await schedule().describe()).info;
    workflowId = recentActions.at(-1)?.action.workflow.workflowId ?? '';
    return recentActions.length > before;
  }, 30_000);
  expect(begun).toBe(true);
  await client.workflow.getHandle(workflowId).result();
  return workflowId;
}

test('there is one schedule however often and from wherever it is ensured, and a pause stays', async () => {
  await Promise.all([1, 2, 3].map(() => ensureSchedule(client, sweepSchedule(PERIOD_MS))));
  await ensureSchedule(client, sweepSchedule(2 * PERIOD_MS));
  const { spec, policies, action, state } = await schedule().describe();
  expect(spec.intervals).toMatchObject([{ every: PERIOD_MS / 2 }]);
  expect(policies).toMatchObject({ overlap: 'SKIP', catchupWindow: 60_000 });
  expect(action).toMatchObject({ workflowType: 'sweepForDrift', workflowRunTimeout: 1.8 * PERIOD_MS });
  expect(state).toMatchObject({ paused: true, note: 'for a while' });
}, 60_000);

test('a run is a few actions and events, however many it probes', async () => {
  const workflowId = await run();
  expect(workflowId).toMatch(/^sweep-\d{4}-/);
  expect(calls.sort()).toEqual([
    'completeSweep',
    'sweepCustomerKeys',
    'sweepCustomerKeys',
    'sweepPlatformKeys',
    'sweepRecords',
  ]);
  const handle = client.workflow.getHandle(workflowId);
  expect(await handle.result()).toEqual({
    customerKeys: { probed: 1_000, failed: 2 },
    platformKeys: { probed: 10, failed: 0 },
    records: { probed: 1_000, failed: 0 },
  });
  const { events = [] } = await handle.fetchHistory();
  expect(events?.length).toBeLessThan(50);
}, 60_000);

test('the platform’s trouble keeps no customer’s key from being probed', async () => {
  instead.set('sweepPlatformKeys', () => Promise.reject(new Error('away')));
  const workflowId = await run();
  const result = await client.workflow.getHandle(workflowId).result();
  expect(result).toMatchObject({ customerKeys: { probed: 1_000 }, platformKeys: null });
}, 60_000);

test('one organization is probed by hand, under the id that is its own', async () => {
  const start = startSweep({ organization: 'acme' });
  const result = await client.workflow.execute(WORKFLOW_TYPES.sweepForDrift, start);
  expect(result).toEqual({ customerKeys: { probed: 1, failed: 0 }, platformKeys: null, records: null });
  expect(calls).toEqual(['probeOrganization']);
  const foreign = { ...start, workflowId: 'sweep/manual/globex' };
  await expect(client.workflow.execute(WORKFLOW_TYPES.sweepForDrift, foreign)).rejects.toMatchObject({
    cause: { type: 'WORKFLOW_ID_FOREIGN' },
  });
  const everybody = { ...start, workflowId: 'sweep/everybody', args: [{}] as [object] };
  await expect(client.workflow.execute(WORKFLOW_TYPES.sweepForDrift, everybody)).rejects.toMatchObject({
    cause: { type: 'WORKFLOW_ID_FOREIGN' },
  });
}, 60_000);

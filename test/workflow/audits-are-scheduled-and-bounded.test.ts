import { Client } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import type { AuditActivities } from '../../activities';
import { auditSchedule } from '../../workers/schedules';
import { AUDIT_SCHEDULE_ID, TASK_QUEUES, WORKFLOW_TYPES } from '../../workflows/contract';
import { TEST_CONVERTER } from '../fakes/sealing';
import { startTimeSkipping } from '../harness/time-skipping';
import { workflowBundle } from '../harness/workflow-bundle';

let environment: TestWorkflowEnvironment;
let client: Client;
let stop: () => Promise<void>;
const calls: string[] = [];
/** What `auditLedgers` fails with, once each. */
const failures: Error[] = [];

beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });
  environment = await startTimeSkipping();
  const namespace = environment.namespace ?? 'default';
  client = new Client({ connection: environment.connection, namespace, dataConverter: TEST_CONVERTER });
  const activities: AuditActivities = {
    auditLedgers: async () => {
      calls.push('auditLedgers');
      const failure = failures.shift();
      if (failure !== undefined) throw failure;
      return { audited: 10_000, found: 1 };
    },
    completeAudit: async () => void calls.push('completeAudit'),
  };
  const worker = await Worker.create({
    connection: environment.nativeConnection,
    namespace,
    dataConverter: TEST_CONVERTER,
    taskQueue: TASK_QUEUES.custody,
    workflowBundle: workflowBundle(),
    activities,
  });
  const running = worker.run();
  stop = async () => {
    worker.shutdown();
    await running;
    await environment.teardown();
  };
}, 120_000);
afterAll(() => stop());
beforeEach(() => {
  calls.length = 0;
});

/** Under an id that Temporal makes of the schedule's. */
const start = (workflowId: string) =>
  client.workflow.start(WORKFLOW_TYPES.auditLedger, { workflowId, taskQueue: TASK_QUEUES.custody, args: [] });

test('a run is two activities and a few events, however many ledgers it audits', async () => {
  const run = await start(`${AUDIT_SCHEDULE_ID}-2026-01-01T00:00:00Z`);
  expect(await run.result()).toEqual({ audited: 10_000, found: 1 });
  expect(calls).toEqual(['auditLedgers', 'completeAudit']);
  const { events } = await run.fetchHistory();
  expect(events?.length).toBeLessThan(25);
}, 60_000);

test('database or signer away: the same run goes on when they are back, and only then is it complete', async () => {
  failures.push(new Error('away'), new Error('still away'));
  const run = await start(`${AUDIT_SCHEDULE_ID}-2026-01-01T00:05:00Z`);
  expect(await run.result()).toEqual({ audited: 10_000, found: 1 });
  expect(calls).toEqual(['auditLedgers', 'auditLedgers', 'auditLedgers', 'completeAudit']);
}, 60_000);

test('nobody starts one by hand', async () => {
  await expect((await start('audit/everybody')).result()).rejects.toMatchObject({
    cause: { type: 'WORKFLOW_ID_FOREIGN' },
  });
  expect(calls).toEqual([]);
}, 60_000);

test('the schedule runs one at a time, and each ends before a ledger’s next audit', () => {
  expect(auditSchedule(300_000)).toMatchObject({
    spec: { intervals: [{ every: 75_000 }] },
    policies: { overlap: 'SKIP', catchupWindow: '1 minute' },
    action: { workflowType: 'auditLedger', taskQueue: TASK_QUEUES.custody, workflowRunTimeout: 270_000 },
  });
});

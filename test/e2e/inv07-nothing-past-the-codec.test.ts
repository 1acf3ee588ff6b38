import { randomBytes } from 'node:crypto';
import { WorkflowNotFoundError } from '@temporalio/client';
import { waitUntil } from '../../scripts/parts/wait';
import { activationId, TASK_QUEUES, WORKFLOW_TYPES } from '../../workflows/contract';
import { Arrangement } from './deployment/arrangement';
import { type Deployment, openDeployment } from './deployment/deployment';
import { everythingKept } from './deployment/everything';
import { codeOf } from './deployment/runs';
import { formsOf } from './deployment/search';
import { QUICK, startWorkers } from './deployment/workers';

/** Typed past the codec: a browser setting, or the Temporal CLI. Each its own, so that each is looked for. */
const planted: string[] = [];
function secret(): string {
  const text = randomBytes(32).toString('hex');
  planted.push(text);
  return text;
}

let deployment: Deployment;
beforeAll(async () => {
  deployment = await openDeployment();
  await startWorkers(deployment, { settings: QUICK });
});
afterAll(() => deployment?.close());

const isGone = async (workflowId: string, runId: string): Promise<boolean> => {
  const handle = deployment.namespace.client.workflow.getHandle(workflowId, runId);
  return handle.describe().then(
    () => false,
    (error: unknown) => error instanceof WorkflowNotFoundError,
  );
};
const untilGone = async (workflowId: string, runId: string): Promise<void> =>
  expect([runId, await waitUntil(() => isGone(workflowId, runId), 60_000)]).toEqual([runId, true]);
const untilClosed = async (acme: Arrangement, times: number): Promise<void> => {
  const closed = async () =>
    (await acme.entryTypes()).filter((type) => type === 'intake-incident-closed').length === times;
  expect(await waitUntil(closed, 60_000)).toBe(true);
};

test('a start that came past the codec is refused in our words, on record, and its history deleted', async () => {
  const acme = await Arrangement.create(deployment, 'acme');
  const workflowId = activationId(acme.organization.name);
  const handle = await deployment.namespace.client.workflow.start(WORKFLOW_TYPES.activateCustomerKey, {
    workflowId,
    taskQueue: TASK_QUEUES.custody,
    args: [{ organization: 'acme', note: secret() }],
  });
  const runId = handle.firstExecutionRunId;
  // Refused, unless its history was quicker to go.
  const end = await handle.result().catch((error: unknown) => error);
  expect(end instanceof WorkflowNotFoundError ? 'PAYLOAD_UNSEALED' : codeOf(end)).toBe('PAYLOAD_UNSEALED');
  await untilGone(workflowId, runId);
  await untilClosed(acme, 1);
  const entries = await acme.entries();
  expect(entries).toEqual(
    expect.arrayContaining(
      [
        { type: 'refusal', body: { subject: 'intake', code: 'PAYLOAD_UNSEALED' } },
        { type: 'intake-incident-opened', body: { runId, message: 'start', detector: 'hex-key' } },
        { type: 'intake-incident-closed', body: { runId } },
      ].map(({ type, body }) => expect.objectContaining({ type, body: expect.objectContaining(body) })),
    ),
  );
}, 120_000);

test('a signal and an update past it are not acted on; the run goes on as another, and its history is deleted', async () => {
  const globex = await Arrangement.create(deployment, 'globex');
  await globex.reach('setup');
  const workflowId = activationId(globex.organization.name);
  const past = deployment.namespace.client.workflow.getHandle(workflowId);
  const { runId } = await globex.handle.describe();

  const before = await globex.entryTypes();
  const rejected = past.executeUpdate('submitConnection', { args: [{ key: secret() }] });
  await expect(rejected.catch(codeOf)).resolves.toBe('PAYLOAD_UNSEALED');
  expect(await globex.entryTypes()).toEqual(before);

  await past.signal('approve', { evidence: secret() });
  await untilGone(workflowId, runId);
  await untilClosed(globex, 1);
  await globex.untilAt('setup');
  expect((await globex.handle.describe()).runId).not.toBe(runId);
  // It is the same activation, and goes on.
  await globex.reach('handoff');
}, 180_000);

test('inv07: nothing of it is left: in histories, database, logs or evidence', async () => {
  const arrangements: Arrangement[] = [];
  const kept = await everythingKept(deployment, arrangements);
  expect(planted).toHaveLength(3);
  for (const text of planted) {
    const bytes = Buffer.from(text, 'hex');
    expect(kept.find([text, ...formsOf(bytes), ...formsOf(Buffer.from(text))])).toEqual([]);
  }
});

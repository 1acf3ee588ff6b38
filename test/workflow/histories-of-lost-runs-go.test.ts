import { randomBytes } from 'node:crypto';
import { Client } from '@temporalio/client';
import { createPayloadCodec } from '../../runtime/payload-codec';
import { waitUntil } from '../../scripts/parts/wait';
import { createHistories } from '../../workers/histories';
import { removingHistories } from '../../workers/removals';
import { endedRunsAt } from '../../workers/stored-faults';
import { activationId, historyRemovalId, signals, WORKFLOW_TYPES } from '../../workflows/contract';
import { TEST_SEALING } from '../fakes/sealing';
import { type Rig, realServer, startRig } from './support/rig';
import { Story } from './support/story';

let rig: Rig;
let past: Client;
beforeAll(async () => {
  rig = await startRig(realServer);
  past = new Client({ connection: rig.environment.connection, namespace: rig.client.options.namespace });
}, 180_000);
afterAll(() => rig.stop());

/** The server deletes a history in the background, half a minute later, and on a busy machine later still. */
const DELETED_WITHIN_MS = 120_000;

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined } as never;
const secret = () => randomBytes(32).toString('hex');

/** What a custody worker does every minute. */
const lookAt = (world: Rig['world']) =>
  removingHistories({
    store: world.store,
    histories: createHistories(rig.client),
    ended: endedRunsAt(rig.client, createPayloadCodec(TEST_SEALING)),
    clock: Date.now,
    logger: quiet,
  });

const intakeOf = (story: Story) =>
  story.bodies().flatMap(({ type, body }) => (type.startsWith('intake') ? [{ type, body }] : []));

/** An activation that no worker ever sees, because nobody serves its queue. */
const unseen = (client: Client, name: string, input: object) =>
  client.workflow.start(WORKFLOW_TYPES.activateCustomerKey, {
    workflowId: activationId(name),
    taskQueue: 'nobody-serves-it',
    args: [input],
  });

test.each(['start', 'signal'] as const)(
  'a %s past the codec to a run that was terminated unseen is put on record, and its history deleted',
  async (message) => {
    const story = await Story.begin(rig, `past-${message}`, { world: rig.fresh() });
    const look = lookAt(story.world);
    const input = { organization: story.name };
    const handle = await (message === 'start'
      ? unseen(past, story.name, { ...input, note: secret() })
      : unseen(rig.client, story.name, input));
    const runId = handle.firstExecutionRunId;
    if (message === 'signal')
      await past.workflow.getHandle(handle.workflowId).signal(signals.approve, { note: secret() } as never);
    await look();
    expect(intakeOf(story)).toEqual([]);
    await handle.terminate('by a test');
    const isClosed = async () => {
      await look();
      return intakeOf(story).some(({ type }) => type === 'intake-incident-closed');
    };
    expect(await waitUntil(isClosed, DELETED_WITHIN_MS)).toBe(true);
    expect(intakeOf(story)).toMatchObject([
      {
        type: 'intake-incident-opened',
        body: { workflowId: handle.workflowId, runId, message, detector: 'hex-key' },
      },
      { type: 'intake-incident-closed', body: { runId } },
    ]);
    await expect(handle.describe()).rejects.toThrow(/not found/i);
    expect(story.refusals()).toEqual(['intake: PAYLOAD_UNSEALED']);
  },
  180_000,
);

test('a removal that was terminated is gone on with; one that runs is left to itself; a clean run stays', async () => {
  const story = await Story.begin(rig, 'removal', { world: rig.fresh() });
  const look = lookAt(story.world);
  const handle = await unseen(past, story.name, { organization: story.name, note: secret() });
  const runId = handle.firstExecutionRunId;
  const fault = { kind: 'unsealed', field: 'input', detector: 'hex-key', length: 64 } as const;
  const note = {
    workflowId: handle.workflowId,
    runId,
    organization: story.name,
    message: 'start',
    fault,
  } as const;
  await story.world.custody.openIntakeIncident(note);
  const removal = await rig.client.workflow.start(WORKFLOW_TYPES.removeHistory, {
    workflowId: historyRemovalId(runId),
    taskQueue: 'nobody-serves-it',
    args: [note],
  });
  await handle.terminate('by a test');
  await look();
  await look();
  expect(await handle.describe()).toMatchObject({ runId });
  await removal.terminate('by a test');
  const isClosed = async () => {
    await look();
    return (await story.world.store.openIntakeIncidents()).length === 0;
  };
  expect(await waitUntil(isClosed, DELETED_WITHIN_MS)).toBe(true);
  expect(intakeOf(story).map(({ type }) => type)).toEqual([
    'intake-incident-opened',
    'intake-incident-closed',
  ]);
  await expect(handle.describe()).rejects.toThrow(/not found/i);

  const clean = await unseen(rig.client, story.name, { organization: story.name });
  await clean.terminate('by a test');
  await lookAt(story.world)();
  expect(await clean.describe()).toMatchObject({ runId: clean.firstExecutionRunId });
}, 180_000);

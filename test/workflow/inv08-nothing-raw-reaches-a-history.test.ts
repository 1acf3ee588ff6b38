import { temporal } from '@temporalio/proto';
import { activationId, organizationWorkflowId } from '../../workflows/contract';
import { type Rig, startRig } from './support/rig';
import { Story } from './support/story';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
}, 60_000);
afterAll(() => rig.stop());

const MARKER = 'hunter2-raw-provider-text';

/** A history as text; payloads are decoded, so that nothing hides in base64. */
async function historyText(workflowId: string): Promise<string> {
  const history = await rig.client.workflow.getHandle(workflowId).fetchHistory();
  const { History } = temporal.api.history.v1;
  const plain = History.toObject(History.fromObject(history), { longs: String, bytes: String });
  return JSON.stringify(plain, (key, value: unknown) =>
    key === 'data' && typeof value === 'string' ? Buffer.from(value, 'base64').toString('latin1') : value,
  );
}

function forms(bytes: Uint8Array): string[] {
  const buffer = Buffer.from(bytes);
  return [
    buffer.toString('hex'),
    buffer.toString('base64'),
    buffer.toString('base64url'),
    buffer.toString('latin1'),
  ];
}

it('invariant 8: an error from outside leaves no trace of itself in history or log', async () => {
  const world = rig.fresh();
  const story = await Story.begin(rig, 'raw');
  await story.toSetup();
  let failures = 2;
  const verify = world.customer.verify;
  Object.assign(world.customer, {
    verify: (...input: Parameters<typeof verify>) => {
      failures -= 1;
      if (failures < 0) return verify(...input);
      const raw = Object.assign(new Error(MARKER, { cause: new Error(MARKER) }), {
        name: 'AwsError',
        body: MARKER,
      });
      return Promise.reject(raw);
    },
  });
  await story.connect();
  await story.at('dry-run');
  expect(await historyText(activationId(story.name))).not.toContain(MARKER);
  expect(JSON.stringify(world.logged)).not.toContain(MARKER);
  expect(JSON.stringify(world.logged)).toContain('AwsError');
  await story.end();
});

it('no key material enters a history, and every buffer that held some is zeroed', async () => {
  const world = rig.fresh();
  const kept: Uint8Array[] = [];
  const { unwrap } = world.customer;
  Object.assign(world.customer, {
    unwrap: async (...input: Parameters<typeof unwrap>) => {
      const answer = await unwrap(...input);
      kept.push(answer.bytes.slice());
      return answer;
    },
  });
  const story = await Story.begin(rig, 'keys');
  await story.complete();
  const histories =
    (await historyText(activationId(story.name))) + (await historyText(organizationWorkflowId(story.name)));
  expect(kept).toHaveLength(2);
  for (const form of kept.flatMap(forms)) expect(histories).not.toContain(form);
  expect(world.minted).toHaveLength(2);
  for (const bytes of [...world.minted, ...world.customer.handedOut])
    expect(bytes.every((byte) => byte === 0)).toBe(true);
});

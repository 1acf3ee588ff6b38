import { startActivation, WORKFLOW_TYPES } from '../../workflows/contract';
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

/** A message with its token, as it can be read in the history. */
const message = (action: string, fields: Record<string, unknown>, jti: string) => {
  const payload = { operationId: story.operation().id, ...fields };
  return { ...payload, actor: tokenFor(story.name, action, payload, 'support', jti) };
};
const send = (action: string, sent: object, updateId: string) =>
  story.handle.executeUpdate(action, { args: [sent], updateId });
const openedBy = () =>
  story
    .bodies()
    .filter(({ type }) => type === 'operation-opened' || type === 'operation-claimed')
    .map(({ actor }) => actor.kind);

it('sent again as another request, a message is refused', async () => {
  await begin('again');
  await story.toDryRun();
  await story.dryRun();
  const sent = message('reviewDryRun', { planDigest: await story.planDigest() }, 'review-1');
  expect(await send('reviewDryRun', sent, 'review-1')).toMatchObject({ stage: 'approval' });
  // Back to where it would be possible once more.
  await story.dryRun();
  expect((await refusalOf(send('reviewDryRun', sent, 'review-2'))).code).toBe('ACTOR_INVALID');
  expect(story.entries().filter((type) => type === 'dry-run-reviewed')).toHaveLength(1);
});

it('given to the activity again, by whoever can run one, it changes nothing', async () => {
  await begin('replayed');
  await story.toDryRun();
  const launch = message('launchDryRun', { dryRun: true }, 'dry-run-1');
  await send('launchDryRun', launch, 'dry-run-1');
  await story.until('planned', ({ dryRun }) => dryRun?.planDigest != null);
  const { dryRunId, epoch, id: operationId } = story.operation();
  const replay = message('reviewDryRun', { planDigest: await story.planDigest() }, 'review-1');
  const sent = { payload: replay, updateId: 'review-1', name: 'x' };
  const place = { organization: { id: story.id, name: story.name }, operationId, epoch };
  await story.world.custody.recordReview({ ...place, stage: 'dry-run', sent });
  const entries = story.entries();
  // At its own stage it is the step that is done; at another it is refused.
  await story.world.custody.recordReview({ ...place, stage: 'dry-run', sent });
  await expect(story.world.custody.recordReview({ ...place, stage: 'approval', sent })).rejects.toMatchObject(
    {
      type: 'IDEMPOTENCY_KEY_REUSED',
    },
  );
  expect(story.entries()).toEqual(entries);
  expect(story.operation().dryRunId).toBe(dryRunId);
});

it('once refused it stays refused, though it would be possible now', async () => {
  await begin('refused');
  await story.toLive();
  const { launchLive } = story.world.custody;
  const planDigest = await story.planDigest();
  const { epoch, id: operationId } = story.operation();
  await story.world.store.giveOrder(story.id, { kind: 'withdrawal', seq: 2, exp: 4_102_444_800 });
  const step = {
    organization: { id: story.id, name: story.name },
    operationId,
    epoch,
    stage: 'live' as const,
    sent: { payload: message('launchLive', { planDigest }, 'launch-1'), updateId: 'launch-1', name: 'x' },
  };
  const withdrawn = { type: 'ORDER_WITHDRAWN' };
  await expect(launchLive(step)).rejects.toMatchObject(withdrawn);
  const entries = story.entries();
  story.world.store.rows(story.id).orders.pop();
  await expect(launchLive(step)).rejects.toMatchObject(withdrawn);
  // It was put on record when it was judged.
  expect(story.entries()).toEqual(entries);
  await story.launch();
  await story.at('handoff');
});

it('a start token starts one run: another that shows it is nobody’s', async () => {
  await begin('start');
  const input = { organization: story.name };
  const actor = tokenFor(story.name, 'startActivation', input, 'support', 'start-1');
  const start = () =>
    rig.client.workflow.start(WORKFLOW_TYPES.activateCustomerKey, startActivation({ ...input, actor }));
  await start();
  await story.at('setup');
  expect(openedBy()).toEqual(['support', 'support']);
  await story.send('cancel', {});
  await story.result();
  await start();
  await story.at('setup');
  expect(openedBy()).toEqual(['support', 'support', 'temporal:unverified']);
});

it('an update’s answer says which message it is the answer to, a failed one’s too', async () => {
  await begin('digests');
  await story.toSetup();
  const other = { operationId: story.operation().id, dryRun: true };
  const connected = await story.connect();
  expect(connected.payloadDigest).toMatch(/^[0-9a-f]{64}$/);
  await story.at('dry-run');
  const failed = send('launchDryRun', { ...other, actor: 'a.b.c' }, 'two');
  await expect(failed).rejects.toMatchObject({
    cause: { type: 'ACTOR_INVALID', details: [{ payloadDigest: expect.stringMatching(/^[0-9a-f]{64}$/) }] },
  });
});

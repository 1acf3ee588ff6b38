import { type Rig, realServer, startRig } from './support/rig';
import { refusalOf, Story } from './support/story';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig(realServer);
}, 60_000);
afterAll(() => rig.stop());
let story: Story;
afterEach(() => story.end());

const runId = async () => (await story.handle.describe()).runId;

it('a long history is continued at a wait: stage, plan and answered updates come along', async () => {
  rig.fresh({ settings: { historyEvents: 25 } });
  story = await Story.begin(rig, 'long');
  await story.toSetup();
  const first = await runId();
  await story.connect();
  await story.at('dry-run');
  await story.dryRun();
  const planDigest = await story.planDigest();
  const answer = await story.send('reviewDryRun', { planDigest }, { updateId: 'review-1' });
  for (let n = 0; n < 4; n += 1)
    await story.send('approve', await story.decision('approve', { exp: 1 })).catch(() => 0);
  await story.at('approval');
  expect(await runId()).not.toBe(first);

  // The server forgot the id when the run was continued; the workflow hasn't.
  const again = await story.send('reviewDryRun', { planDigest }, { updateId: 'review-1' });
  expect(again).toEqual(answer);
  expect(story.entries().filter((type) => type === 'dry-run-reviewed')).toHaveLength(1);
  expect(await story.planDigest()).toBe(planDigest);
  expect(story.entries()).toContain('operation-claimed');
  await story.approve();
  await story.launch();
  await story.at('handoff');
  expect(await story.handOff()).toMatchObject({ outcome: 'completed' });
}, 30_000);

it('an update under the same id is one update, and under another id is judged anew', async () => {
  rig.fresh();
  story = await Story.begin(rig, 'same-update');
  await story.toDryRun();
  await story.dryRun();
  const planDigest = await story.planDigest();
  const once = await story.send('reviewDryRun', { planDigest }, { updateId: 'one' });
  expect(await story.send('reviewDryRun', { planDigest }, { updateId: 'one' })).toEqual(once);
  expect((await refusalOf(story.send('reviewDryRun', { planDigest }))).code).toBe('STAGE_MISMATCH');
  expect(story.entries().filter((type) => type === 'dry-run-reviewed')).toHaveLength(1);
});

it('a message for another operation, or too large, is refused by its validator', async () => {
  rig.fresh();
  story = await Story.begin(rig, 'validators');
  await story.toApproval();
  const decision = await story.decision();
  const other = '00000000-0000-4000-8000-000000000000';
  expect((await refusalOf(story.send('approve', { ...decision, operationId: other }))).code).toBe(
    'OPERATION_UNKNOWN',
  );
  const large = { kind: 'jws', jws: 'x'.repeat(70_000) };
  expect((await refusalOf(story.send('approve', { ...decision, evidence: large }))).code).toBe(
    'INPUT_TOO_LARGE',
  );
  const token = { actor: 'a.b.c' };
  expect((await refusalOf(story.send('approve', { ...decision, ...token }, { role: null }))).code).toBe(
    'ACTOR_INVALID',
  );
  expect(story.refusals()).toEqual(['actor: ACTOR_INVALID']);
});

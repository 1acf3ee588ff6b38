import type { KeyRef } from '../../domain/ids';
import { type Rig, startRig } from './support/rig';
import { connectionOf, Story } from './support/story';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
}, 60_000);
afterAll(() => rig.stop());
let story: Story;
afterEach(() => story.end());
async function approved(name: string): Promise<void> {
  rig.fresh();
  story = await Story.begin(rig, name);
  await story.toLive();
}
/** From the Temporal UI, as often as somebody likes. */
const verify = () => story.handle.executeUpdate('runVerification', { args: [{}] });
const count = (type: string) => story.entries().filter((each) => each === type).length;

it('a verification that finds what was known is on record, and the approved plan can be launched', async () => {
  await approved('repeated');
  for (let n = 1; n <= 3; n += 1) {
    await verify();
    await story.until('repeated', () => count('verification-repeated') === n);
  }
  expect(story.bodies().at(-1)?.actor.kind).toBe('temporal:unverified');
  expect(count('verification-recorded')).toBe(1);
  expect(story.operation()).toMatchObject({
    stage: 'live',
    dryRunId: (await story.status()).dryRun?.dryRunId,
  });
  await story.launch();
  await story.at('handoff');
}, 30_000);

it('one that finds something to mend goes back, whoever asked for it', async () => {
  await approved('mend');
  story.world.customer.refuses = { unwrap: 'UNWRAP_DENIED' };
  await verify();
  await story.at('verification');
  expect(story.operation()).toMatchObject({ dryRunId: null });
});

it('so does one that finds another key behind the alias', async () => {
  await approved('moved');
  const other = 'arn:aws:kms:eu-central-1:111122223333:key/00000000-0000-4000-8000-0000000000ff';
  story.world.customer.aliases.set(connectionOf('moved').key, other as KeyRef);
  await verify();
  await story.until('verified anew', () => count('verification-recorded') === 2);
  expect(story.operation()).toMatchObject({ stage: 'dry-run', dryRunId: null });
});

it('the customer’s own verification counts as before', async () => {
  await approved('own');
  await story.send('runVerification', {}, { role: 'customer-admin' });
  await story.at('dry-run');
  expect(story.operation().dryRunId).toBeNull();
});

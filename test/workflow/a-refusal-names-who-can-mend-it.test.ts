import { type Rig, startRig } from './support/rig';
import { Story } from './support/story';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
}, 60_000);
afterAll(() => rig.stop());
let story: Story;
beforeEach(async () => {
  rig.fresh();
});
afterEach(() => story.end());

const begin = async (name: string) => {
  story = await Story.begin(rig, name);
  await story.toSetup();
};
const recorded = () =>
  story
    .bodies()
    .filter(({ type }) => type === 'verification-recorded' || type === 'dry-run-recorded')
    .flatMap(({ body }) => body['findings'] as { result: string; owner?: string }[])
    .filter(({ result }) => result === 'failed');

describe('who can mend it', () => {
  it.each([
    ['passes', { result: 'passes' }, 'customer'],
    ['is refused alike', { result: 'fails', code: 'ROLE_ASSUME_DENIED' }, 'operator'],
    ['isn’t configured', { result: 'unknown' }, 'customer'],
  ] as const)('a denial, while our canary %s: findings and ledger name it', async (what, outcome, owner) => {
    await begin(`owner-${what.length}`);
    story.world.canary.outcome = outcome;
    story.world.customer.refuses = { role: 'ROLE_ASSUME_DENIED' };
    await story.connect();
    const { findings } = await story.until('verified', (status) => status.findings.length > 0);
    expect(findings.filter(({ result }) => result === 'failed')).toMatchObject([{ owner }]);
    expect(recorded()).toMatchObject([{ owner }]);
    expect(story.world.canary.asked).toBe(1);
  });

  it('is known without our canary where the provider names the cause', async () => {
    await begin('named');
    story.world.customer.refuses = { wrap: 'KEY_DISABLED' };
    await story.connect();
    await story.until('verified', ({ findings }) => findings.length > 0);
    expect(recorded()).toMatchObject([{ code: 'KEY_DISABLED', owner: 'customer' }]);
    expect(story.world.canary.asked).toBe(0);
  });

  it('a dry-run’s findings name it, too', async () => {
    await begin('dry');
    await story.connect();
    await story.at('dry-run');
    story.world.canary.outcome = { result: 'fails', code: 'OUR_IDENTITY' };
    story.world.customer.refuses = { role: 'ROLE_ASSUME_DENIED' };
    await story.send('launchDryRun', { dryRun: true }, { role: 'support' });
    await story.until('blocked', ({ dryRun }) => dryRun !== null);
    expect(recorded()).toMatchObject([{ owner: 'operator' }]);
  });

  it.each([
    ['ours', { result: 'fails', code: 'NETWORK' }, /our network.*nothing to do on your side/],
    ['unknown', { result: 'unknown' }, /firewall or DNS rule/],
  ] as const)(
    'trouble that is no finding and persists says whose it is: %s',
    async (name, outcome, words) => {
      await begin(`trouble-${name}`);
      story.world.canary.outcome = outcome;
      story.world.customer.trouble = 'NETWORK';
      await story.connect();
      const { trouble } = await story.until('given up', (status) => status.trouble !== null);
      expect(trouble).toMatchObject({ code: 'NETWORK', text: expect.stringMatching(words) });
      const { events } = await story.handle.fetchHistory();
      const failures = events?.flatMap(
        ({ activityTaskFailedEventAttributes: failed }) => failed?.failure ?? [],
      );
      expect(failures?.at(-1)?.message).toMatch(/^NETWORK, (for us to mend|the provider’s trouble): /);
      expect(recorded()).toEqual([]);
    },
  );
});

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
    [
      ...['ours', { result: 'fails', code: 'NETWORK' }, /our network.*nothing to do on your side/],
      ...['operator', /mend what is ours.*the customer has nothing to mend/],
    ],
    [
      ...['unknown', { result: 'unknown' }, /firewall or DNS rule/],
      ...['provider', /once the provider answers; the customer has nothing to mend/],
    ],
  ] as const)(
    'trouble that is no finding and persists is on record once, and says whose it is: %s',
    async (name, outcome, words, owner, awaited) => {
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

      const last = story.bodies().at(-1);
      expect(last).toMatchObject({ type: 'verification-impeded', body: { code: 'NETWORK', owner } });
      const told = { who: 'support', what: expect.stringMatching(awaited) };
      const { awaiting } = await story.until('told', () => story.world.reminders.length > 0);
      expect(awaiting).toMatchObject(told);
      expect(story.world.reminders).toMatchObject([{ ...told, stage: 'verification', days: 0 }]);
      const pages = story.world.logged.filter((each) => 'event' in each);
      expect(pages).toMatchObject(owner === 'operator' ? [{ event: 'verification.impeded' }] : []);

      story.world.customer.trouble = null;
      await story.send('runVerification', {});
      expect((await story.at('dry-run')).awaiting).toMatchObject({
        what: expect.stringMatching(/launch the dry-run/),
      });
      expect(story.entries().filter((type) => type === 'verification-impeded')).toHaveLength(1);
    },
  );

  it('a worker that fails or gives no answer is ours: on record, and nobody else is awaited', async () => {
    await begin('no-answer');
    rig.instead.set('verifyConnection', async () => {
      throw new TypeError('a fault of ours');
    });
    await story.connect();
    const { awaiting } = await story.until('told', () => story.world.reminders.length > 0);
    expect(awaiting).toMatchObject({ who: 'support', what: expect.stringMatching(/mend what is ours/) });
    expect(story.bodies().at(-1)).toMatchObject({
      ...{ type: 'verification-impeded', actor: { kind: 'system' } },
      body: { code: 'INTERNAL', owner: 'operator', requestId: null },
    });
    rig.instead.clear();
    await story.send('runVerification', {});
    await story.at('dry-run');
  });

  it('one whose answer alone was lost counts: what it found leads on, and nothing impedes it', async () => {
    await begin('lost-answer');
    rig.instead.set('verifyConnection', async (original) => {
      await original().catch(() => undefined);
      throw new TypeError('the answer was lost');
    });
    await story.connect();
    await story.at('dry-run');
    expect(story.entries()).not.toContain('verification-impeded');
  });

  it('trouble of ours while a dry-run is computed is on record, and voids no plan', async () => {
    await begin('impeded');
    await story.connect();
    await story.at('dry-run');
    await story.dryRun();
    const digest = await story.planDigest();
    story.world.customer.trouble = 'OUR_IDENTITY';
    await story.send('launchDryRun', { dryRun: true }, { role: 'support' });
    await story.until('impeded', ({ trouble }) => trouble?.code === 'OUR_IDENTITY');
    expect(story.bodies().at(-1)).toMatchObject({
      ...{ type: 'verification-impeded', actor: { kind: 'support' } },
      body: { code: 'OUR_IDENTITY', owner: 'operator' },
    });
    story.world.customer.trouble = null;
    expect(await story.planDigest()).toBe(digest);
    await story.review();
    await story.at('approval');
  });

  it('findings of which none is the customer’s don’t await the customer', async () => {
    await begin('not-theirs');
    story.world.canary.outcome = { result: 'fails', code: 'ROLE_ASSUME_DENIED' };
    story.world.customer.refuses = { role: 'ROLE_ASSUME_DENIED' };
    await story.connect();
    const { awaiting } = await story.until('verified', ({ findings }) => findings.length > 0);
    expect(awaiting).toMatchObject({ who: 'support' });
    await story.until('told', () => story.world.reminders.length === 1);
  });
});

import { ProviderFailure } from '../../domain/failure';
import { type Rig, startRig } from './support/rig';
import { Story } from './support/story';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
}, 60_000);
afterAll(() => rig.stop());
let story: Story;
afterEach(() => story.end());
async function begin(name: string, settings = {}): Promise<void> {
  rig.fresh({ settings });
  story = await Story.begin(rig, name);
}

describe('before the switch', () => {
  it.each([
    ['wrap', 'WRAP_DENIED'],
    ['unwrap', 'UNWRAP_DENIED'],
    ['wrap', 'KEY_DISABLED'],
  ] as const)(
    'a denial (%s: %s) goes back to verification, with findings, and gives back the lock',
    async (call, code) => {
      await begin(`denied-${code.toLowerCase().replaceAll('_', '-')}`);
      await story.toLive();
      story.world.customer.refuses = { [call]: code };
      await story.launch();
      const status = await story.until(
        'verified',
        ({ stage, findings }) => stage === 'verification' && JSON.stringify(findings).includes(code),
      );
      expect(status.dryRun).toBeNull();
      expect(story.operation().holdsLock).toBe(false);
      expect(await story.world.store.stagedEnvelopes(story.operation().id)).toEqual([]);
      expect(story.bodies().find(({ type }) => type === 'plan-invalidated')?.body).toMatchObject({
        reason: code,
      });
      expect(story.world.store.rows(story.id).custody?.custody).toBe('platform');

      story.world.customer.refuses = {};
      await story.send('runVerification', {});
      await story.at('dry-run');
      await story.dryRun();
      await story.review();
      await story.approve();
      await story.launch();
      await story.at('handoff');
    },
    30_000,
  );

  it('trouble that passes is waited out', async () => {
    await begin('passing');
    await story.toLive();
    story.world.customer.failNext.push(
      { call: 'wrap', code: 'THROTTLED' },
      { call: 'unwrap', code: 'NETWORK' },
    );
    await story.launch();
    await story.at('handoff');
    expect(story.entries()).not.toContain('plan-invalidated');
  });
});

describe('while sealing', () => {
  it('a platform key that still unwraps is disabled again until it refuses, and the status says so', async () => {
    await begin('alive');
    await story.toLive();
    story.world.platform.staysAlive = 3;
    await story.launch();
    await story.at('handoff');
    const probes = story.bodies().filter(({ type }) => type === 'platform-key-probed');
    expect(probes.map(({ body }) => body['refused'])).toEqual([false, false, false, true, true, true]);
    const { trace } = story.world.effects;
    expect(trace.filter((name) => name === 'control.refusesUnwrap').length).toBeGreaterThanOrEqual(6);
  });

  it('refusals are spread over the time that is asked for', async () => {
    await begin('minute', { platformRefusals: { count: 3, overMs: 60_000 }, operationDeadlineMs: 5_000 });
    await story.toLive();
    await story.launch();
    await story.until('fence', ({ step }) => step === 'fence' || step === 'disable-platform-key');
    for (let n = 0; n < 20 && (await story.status()).stage === 'sealing'; n += 1) {
      await rig.environment.sleep('10 s');
    }
    await story.at('handoff');
    const probed = story.bodies().filter(({ type }) => type === 'platform-key-probed');
    const [first = '', last = ''] = [probed[0]?.at, probed.at(-1)?.at];
    expect(Date.parse(last) - Date.parse(first)).toBeGreaterThanOrEqual(60_000);
  }, 30_000);

  it('nothing gives up: what isn’t retried by the server is tried again, and visible', async () => {
    await begin('stubborn');
    await story.toLive();
    const { platform } = story.world;
    let refusals = 2;
    const original = platform.disable;
    Object.assign(platform, {
      disable: async (...args: Parameters<typeof original>) => {
        refusals -= 1;
        if (refusals < 0) return original(...args);
        throw new ProviderFailure('OUR_IDENTITY');
      },
    });
    await story.launch();
    const status = await story.until('troubled', ({ trouble }) => trouble?.code === 'OUR_IDENTITY');
    expect(status).toMatchObject({ stage: 'sealing', step: 'disable-platform-key', allowedActions: [] });
    await story.at('handoff');
  }, 30_000);
});

import { type Rig, startRig } from './support/rig';
import { refusalOf, Story } from './support/story';

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
const reminded = () => story.world.reminders.map(({ days, who }) => `${who} ${days}`);

describe('waiting for somebody', () => {
  it('reminds after 3 and 10 days and ends cleanly after 60', async () => {
    await begin('wait');
    await story.toSetup();
    await rig.environment.sleep('73 hours');
    await rig.environment.sleep('7 days');
    expect(reminded()).toEqual(['customer-admin 3', 'customer-admin 10']);
    expect(story.world.reminders[0]).toMatchObject({ stage: 'setup', organization: 'wait' });
    await rig.environment.sleep('51 days');
    expect(await story.result()).toMatchObject({ outcome: 'expired' });
    expect(reminded()).toHaveLength(2);
    expect(story.bodies().at(-1)).toMatchObject({ type: 'operation-closed', body: { outcome: 'expired' } });
  });

  it('begins anew whenever something moves', async () => {
    await begin('anew');
    await story.toSetup();
    await rig.environment.sleep('4 days');
    await story.connect();
    await story.at('dry-run');
    await rig.environment.sleep('4 days');
    expect(reminded()).toEqual(['customer-admin 3', 'support 3']);
    await rig.environment.sleep('50 days');
    expect((await story.status()).stage).toBe('dry-run');
  });

  it('after the switch has no end, because nothing can be taken back', async () => {
    await begin('handoff');
    await story.toHandoff();
    for (let day = 0; day < 80; day += 5) await rig.environment.sleep('5 days');
    expect(reminded().slice(0, 4)).toEqual(['support 3', 'support 10', 'support 20', 'support 30']);
    expect(story.world.reminders.at(-1)?.endsAt).toBeNull();
    expect(await story.handOff()).toMatchObject({ outcome: 'completed' });
  }, 30_000);
});

describe('a plan', () => {
  it.each(['toApproval', 'toLive'] as const)(
    'expires after 14 days (%s), and another dry-run mends it',
    async (to) => {
      await begin(`plan-${to.toLowerCase()}`);
      await story[to]();
      await rig.environment.sleep('337 hours');
      const status = await story.at('dry-run');
      expect(status).toMatchObject({ dryRun: null, trouble: { code: 'PLAN_EXPIRED' } });
      expect(story.bodies().at(-1)).toMatchObject({
        type: 'plan-invalidated',
        body: { reason: 'PLAN_EXPIRED' },
      });
      expect((await refusalOf(story.send('launchLive', { planDigest: 'a'.repeat(64) }))).code).toBe(
        'STAGE_MISMATCH',
      );
      await story.dryRun();
      await story.review();
      await story.approve();
      await story.launch();
      await story.at('handoff');
    },
    30_000,
  );
});

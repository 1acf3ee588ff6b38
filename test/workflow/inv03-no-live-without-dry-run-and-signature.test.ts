import { approverKey } from '../fakes/authority';
import { type Rig, startRig } from './support/rig';
import { APPROVER, refusalOf, Story } from './support/story';

const LATER_S = 4_102_444_800;
let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
}, 60_000);
afterAll(() => rig.stop());
let story: Story;
afterEach(async () => {
  expect(story.entries()).not.toContain('platform-key-disabled');
  expect(story.world.store.rows(story.id).custody).toMatchObject({ custody: 'platform', currentVersion: 1 });
  await story.end();
});
async function begin(name: string): Promise<void> {
  rig.fresh();
  story = await Story.begin(rig, name);
}

describe('invariant 3: live is refused', () => {
  it.each(['toSetup', 'toVerification', 'toDryRun', 'toApproval'] as const)(
    'when only %s was reached',
    async (to) => {
      await begin(`early-${to.toLowerCase()}`);
      await story[to]();
      const refusal = await refusalOf(story.send('launchLive', { planDigest: 'a'.repeat(64) }));
      expect(refusal.code).toBe('STAGE_MISMATCH');
    },
  );

  it('with another digest than the approved one', async () => {
    await begin('digest');
    await story.toLive();
    expect((await refusalOf(story.send('launchLive', { planDigest: 'a'.repeat(64) }))).code).toBe(
      'PLAN_UNKNOWN',
    );
    expect(story.refusals()).toEqual(['live: PLAN_UNKNOWN']);
    expect((await story.status()).stage).toBe('live');
  });

  it('when something the plan was computed from has changed: back to the dry-run, not a dead run', async () => {
    await begin('changed');
    await story.toLive();
    await story.world.store.giveOrder(story.id, { seq: 2, exp: LATER_S });
    expect((await refusalOf(story.launch())).code).toBe('PLAN_CHANGED');
    const status = await story.at('dry-run');
    expect(status.trouble?.code).toBe('PLAN_CHANGED');
    expect(status.dryRun).toBeNull();
    expect(story.refusals()).toEqual(['live: PLAN_CHANGED']);
    expect(story.bodies().at(-1)).toMatchObject({
      type: 'plan-invalidated',
      body: { reason: 'PLAN_CHANGED' },
    });
  });

  it.each([
    [
      'the order changed',
      'PLAN_CHANGED',
      () => story.world.store.giveOrder(story.id, { seq: 2, exp: LATER_S }),
    ],
    [
      'the approval key was removed',
      'APPROVAL_KEY_REMOVED',
      () => story.world.store.giveApprover(story.id, approverKey(APPROVER, '2026-02-02T00:00:00.000Z')),
    ],
  ])('at the switch itself when %s after the launch', async (_what, code, change) => {
    await begin(`switch-${code.toLowerCase().replaceAll('_', '-')}`);
    await story.toLive();
    rig.instead.set('switchCustody', async (original) => {
      await change();
      return original();
    });
    await story.launch();
    const status = await story.at('dry-run');
    expect(status.trouble?.code).toBe(code);
    expect(story.refusals()).toEqual([`live: ${code}`]);
    expect(story.operation().holdsLock).toBe(false);
    expect(await story.world.store.stagedEnvelopes(story.operation().id)).toEqual([]);
  });

  it('at the switch when the approval has expired since', async () => {
    await begin('late');
    await story.toApproval();
    const inAnHourS = Math.ceil((await rig.environment.currentTimeMs()) / 1000) + 3600;
    await story.send('approve', await story.decision('approve', { exp: inAnHourS }));
    await rig.environment.sleep('2 hours');
    await story.launch();
    expect((await story.at('dry-run')).trouble?.code).toBe('APPROVAL_EXPIRED');
  });
});

import { planDigest as digestOf } from '../../domain/plan';
import { type Rig, startRig } from './support/rig';
import { refusalOf, Story } from './support/story';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
}, 60_000);
afterAll(() => rig.stop());
let story: Story;
afterEach(() => story.end());

describe('the dry-run', () => {
  it.each([[{}], [{ dryRun: false }], [{ dryRun: 'true' }]])(
    'has no default: %j is refused',
    async (payload) => {
      rig.fresh();
      story = await Story.begin(rig, `explicit-${JSON.stringify(payload).length}`);
      await story.toDryRun();
      expect((await refusalOf(story.send('launchDryRun', payload))).code).toBe('DRY_RUN_NOT_EXPLICIT');
      expect(story.entries()).not.toContain('dry-run-recorded');
    },
  );

  it('with findings has no plan, so there is nothing to review', async () => {
    rig.fresh();
    story = await Story.begin(rig, 'blocked');
    await story.toDryRun();
    story.world.customer.refuses = { wrap: 'WRAP_DENIED' };
    await story.dryRun();
    const { dryRun } = await story.status();
    expect(dryRun).toMatchObject({ planDigest: null, blockers: ['WRAP_DENIED'] });
    const refusal = await refusalOf(story.send('reviewDryRun', { planDigest: 'a'.repeat(64) }));
    expect(refusal.code).toBe('DRY_RUN_NOT_CLEAN');
  });

  it('blocks when the alias has moved since verification', async () => {
    rig.fresh();
    story = await Story.begin(rig, 'moved');
    await story.toDryRun();
    const { customer } = story.world;
    const [alias] = [...customer.aliases.keys()];
    customer.aliases.set(alias ?? '', 'arn:aws:kms:eu-central-1:1:key/other' as never);
    await story.dryRun();
    expect((await story.status()).dryRun?.blockers).toEqual(['KEY_MOVED']);
  });

  it('blocks when the order has been withdrawn', async () => {
    rig.fresh();
    story = await Story.begin(rig, 'unordered');
    await story.toDryRun();
    await story.world.store.giveOrder(story.id, { seq: 2, exp: 4_102_444_800, kind: 'withdrawal' });
    await story.dryRun();
    expect((await story.status()).dryRun?.blockers).toEqual(['ORDER_WITHDRAWN']);
  });
});

describe('its review', () => {
  it.each(['customer-admin', 'approver', null] as const)('is refused to %s and recorded', async (role) => {
    rig.fresh();
    story = await Story.begin(rig, `review-${role ?? 'nobody'}`.slice(0, 40));
    await story.toDryRun();
    await story.dryRun();
    const planDigest = await story.planDigest();
    expect((await refusalOf(story.send('reviewDryRun', { planDigest }, { role }))).code).toBe('FORBIDDEN');
    expect(story.refusals()).toEqual(['actor: FORBIDDEN']);
    expect((await story.status()).stage).toBe('dry-run');
  });

  it('names the plan, and no other', async () => {
    rig.fresh();
    story = await Story.begin(rig, 'review-other');
    await story.toDryRun();
    await story.dryRun();
    const first = await story.planDigest();
    await rig.environment.sleep(1);
    await story.dryRun();
    expect(await story.planDigest()).not.toBe(first);
    expect((await refusalOf(story.send('reviewDryRun', { planDigest: first }))).code).toBe('PLAN_UNKNOWN');
    expect(story.refusals()).toEqual(['dry-run: PLAN_UNKNOWN']);
  });

  it('by support leads on to approval, with its note in the ledger', async () => {
    rig.fresh();
    story = await Story.begin(rig, 'review-support');
    await story.toDryRun();
    await story.dryRun();
    await story.send('reviewDryRun', { planDigest: await story.planDigest(), note: 'gone through with Ada' });
    expect((await story.status()).stage).toBe('approval');
    const reviewed = story.bodies().at(-1);
    expect(reviewed).toMatchObject({ type: 'dry-run-reviewed', body: { note: 'gone through with Ada' } });
    const { plan, planDigest } = (await story.world.store.dryRun(story.operation().id, 'current')) ?? {};
    expect(plan && digestOf(plan)).toBe(planDigest);
  });
});

import type { ProviderName } from '../../domain/custody';
import { resuming } from '../../workflows/contract';
import { activeAt, Change, keyAt } from './support/connection-change';
import { hanging } from './support/hanging';
import { type Rig, realServer, startRig } from './support/rig';
import { entriesSince, liveOf, readable, rotate } from './support/rotation';
import { refusalOf, Story } from './support/story';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig(realServer);
}, 60_000);
afterAll(() => rig.stop());

async function begin(name: string, provider: ProviderName = 'aws-kms') {
  rig.fresh();
  const { activation, change } = await activeAt(rig, provider, name);
  return { activation, change, before: activation.entries().length };
}

const custodyOf = ({ world, id }: Story) => world.store.rows(id).custody;
const former = (change: Change, provider: ProviderName = 'aws-kms') =>
  change.world.customer.ring.key(keyAt(provider, change.name));

describe.each([
  ['aws-kms', 'azure-key-vault'],
  ['azure-key-vault', 'aws-kms'],
] as const)('from %s to %s', (from, to) => {
  it('moves every version, mints one, switches, and erases the former key’s; all is readable at each stage', async () => {
    const { change, before } = await begin(`from-${from}`, from);
    const formerly = await liveOf(change);
    const reads = async (at: string) => expect([at, await readable(change)]).toEqual([at, [1, 2]]);
    await change.toSetup();
    await reads('setup');
    await change.connect();
    await change.at('dry-run');
    await reads('dry-run');
    await change.dryRun();
    await change.review();
    await reads('approval');
    await change.approve();
    await reads('live');
    const switching = hanging(rig, 'switchCustody');
    await change.launch();
    await switching.reached;
    await reads('staged');
    await switching.letGo();
    expect(await change.result()).toMatchObject({ outcome: 'completed', currentVersion: 3 });
    expect(await readable(change)).toEqual([1, 2, 3]);

    const keyRef = keyAt(to, change.name);
    expect(await liveOf(change)).toMatchObject([
      { version: 1, keyRef, custody: 'customer' },
      { version: 2, keyRef, custody: 'customer' },
      { version: 3, keyRef, custody: 'customer' },
    ]);
    expect(custodyOf(change)).toMatchObject({ custody: 'customer', currentVersion: 3, sealing: false });
    expect(entriesSince(change, before)).toEqual([
      'operation-opened',
      'entitlement-confirmed',
      'connection-submitted',
      'verification-recorded',
      'dry-run-recorded',
      'dry-run-reviewed',
      'approval-accepted',
      'live-launched',
      'envelope-staged',
      'envelope-staged',
      'envelope-staged',
      'custody-switched',
      'superseded-envelopes-erased',
    ]);
    expect(change.bodies().at(-1)?.body).toMatchObject({
      envelopes: formerly.map(({ version, wrappedSha256 }) => ({ version, wrappedSha256 })),
      retired: [keyAt(from, change.name)],
    });
    expect(change.world.minted.every((bytes) => bytes.every((byte) => byte === 0))).toBe(true);
    expect(change.world.customer.handedOut.every((bytes) => bytes.every((byte) => byte === 0))).toBe(true);
    former(change, from).state = 'disabled';
    expect(await readable(change)).toEqual([1, 2, 3]);
  });
});

describe('a change that isn’t started', () => {
  it('under platform custody', async () => {
    rig.fresh();
    const story = await Story.begin(rig, 'platform');
    const change = Change.of(story, 'aws-kms');
    const handle = await change.start();
    expect(await refusalOf(handle.result())).toMatchObject({ code: 'NOT_CUSTOMER_CUSTODY' });
  });

  it('by nobody known; but a run that names an open one goes on with it', async () => {
    const { change } = await begin('nobody');
    expect(await refusalOf((await change.start(null)).result())).toMatchObject({ code: 'FORBIDDEN' });
    await change.toSetup();
    const { id, epoch } = change.operation();
    await change.handle.terminate('lost');
    const { type, options } = resuming('change-connection', change.name, id);
    await rig.client.workflow.start(type, options);
    await change.at('setup');
    expect(change.operation()).toMatchObject({ id, epoch: epoch + 1 });
    await change.connect();
    await change.at('dry-run');
    await change.end();
  });

  it('while an activation waits for its handoff: one operation that people approve is open at a time', async () => {
    rig.fresh();
    const story = await Story.begin(rig, 'unfinished');
    await story.toHandoff();
    const change = Change.of(story, 'aws-kms');
    expect(await refusalOf((await change.start()).result())).toMatchObject({ code: 'OPERATION_OPEN' });
    await story.end();
  });

  it('without a valid order', async () => {
    const { change } = await begin('unordered');
    await change.world.store.giveOrder(change.id, { seq: 2, exp: 4_102_444_800, kind: 'withdrawal' });
    expect(await refusalOf((await change.start()).result())).toMatchObject({ code: 'ORDER_WITHDRAWN' });
    expect(change.operation()).toMatchObject({ outcome: 'refused', reason: 'ORDER_WITHDRAWN' });
  });
});

describe('a change that isn’t carried out changes nothing', () => {
  it('to the connection in use', async () => {
    const { change } = await begin('same');
    await change.toSetup();
    const { input } = [...change.world.store.rows(change.id).connections.values()][0] ?? {};
    expect(await refusalOf(change.send('submitConnection', { connection: input }))).toMatchObject({
      code: 'NOTHING_TO_CHANGE',
    });
    expect(change.refusals()).toContain('connection: NOTHING_TO_CHANGE');
    await change.end();
  });

  it('while the key in use refuses: the dry-run is blocked, and so is live, with what it refuses', async () => {
    const { change } = await begin('refuses');
    await change.toDryRun();
    former(change).state = 'disabled';
    await change.send('launchDryRun', { dryRun: true });
    const { dryRun } = await change.until('blocked', (status) => status.dryRun !== null);
    expect(dryRun).toMatchObject({ planDigest: null, blockers: ['KEY_IN_USE_REFUSES'] });
    former(change).state = 'enabled';
    await change.dryRun();
    await change.review();
    await change.approve();
    former(change).state = 'disabled';
    const custody = custodyOf(change);
    expect(await refusalOf(change.launch())).toMatchObject({
      code: 'KEY_IN_USE_REFUSES',
      message: expect.stringContaining('used'),
    });
    expect(change.refusals()).toContain('live: KEY_IN_USE_REFUSES');
    expect(custodyOf(change)).toBe(custody);
    expect(change.operation()).toMatchObject({ stage: 'live', holdsLock: false });
    former(change).state = 'enabled';
    await change.launch();
    expect(await change.result()).toMatchObject({ outcome: 'completed' });
  });

  it('while an incident of reads is open', async () => {
    const { change } = await begin('incident');
    await change.toLive();
    const { incidents } = change.world.store;
    await incidents.refused('operation', change.id, 'KEY_DISABLED', null);
    expect(await refusalOf(change.launch())).toMatchObject({ code: 'KEY_IN_USE_REFUSES' });
    await change.end();
  });

  it('because the key in use refuses between launch and switch: the plan is given up, and what was staged', async () => {
    const { change } = await begin('stops');
    await change.toLive();
    const custody = custodyOf(change);
    const staging = hanging(rig, 'moveVersion');
    await change.launch();
    await staging.reached;
    former(change).state = 'disabled';
    await staging.letGo();
    await change.at('dry-run');
    expect((await change.status()).trouble).toMatchObject({ code: 'KEY_IN_USE_REFUSES' });
    expect(change.bodies().findLast(({ type }) => type === 'plan-invalidated')?.body).toMatchObject({
      reason: 'KEY_IN_USE_REFUSES',
    });
    expect(custodyOf(change)).toBe(custody);
    expect(await change.world.store.stagedEnvelopes(change.operation().id)).toEqual([]);
    former(change).state = 'enabled';
    expect(await readable(change)).toEqual([1, 2]);
    await change.end();
  });

  it('because the new key refuses: its verification says what to mend', async () => {
    const { change } = await begin('new-refuses');
    await change.toLive();
    const staging = hanging(rig, 'mintVersion');
    await change.launch();
    await staging.reached;
    change.world.customer.refuses = { wrap: 'WRAP_DENIED' };
    await staging.letGo();
    await change.until('verified', ({ stage, findings }) => stage === 'verification' && findings.length > 0);
    change.world.customer.refuses = {};
    expect(await readable(change)).toEqual([1, 2]);
    expect(await change.world.store.stagedEnvelopes(change.operation().id)).toEqual([]);
    await change.end();
  });

  it('cancelled before the switch; after it a cancel is on record, and without effect', async () => {
    const { change } = await begin('cancelled');
    await change.toLive();
    const custody = custodyOf(change);
    const staging = hanging(rig, 'mintVersion');
    await change.launch();
    await staging.reached;
    await change.send('cancel', {});
    await staging.letGo();
    expect(await change.result()).toMatchObject({ outcome: 'cancelled' });
    expect(custodyOf(change)).toBe(custody);
    expect(await readable(change)).toEqual([1, 2]);
    expect(await change.world.store.supersededEnvelopes(change.id)).toEqual([]);

    await change.toLive();
    const erasing = hanging(rig, 'eraseFormerEnvelopes');
    await change.launch();
    await erasing.reached;
    await change.handle.cancel();
    await erasing.letGo();
    expect(await change.result()).toMatchObject({ outcome: 'completed' });
    expect(change.refusals()).toContain('live: STAGE_MISMATCH');
  });
});

describe('a rotation beside it', () => {
  it('between approval and live it makes the plan another; the next one is carried out under a later epoch', async () => {
    const { change, before } = await begin('rotated-between');
    await change.toLive();
    const { epoch } = change.operation();
    expect(await rotate(change, { newKeyVersion: true })).toMatchObject({ outcome: 'completed' });
    expect(await refusalOf(change.launch())).toMatchObject({ code: 'PLAN_CHANGED' });
    await change.until('given up', ({ stage, step }) => stage === 'dry-run' && step === null);
    expect(await readable(change)).toEqual([1, 2, 3]);
    await change.dryRun();
    expect(change.operation().epoch).toBe(epoch + 2);
    await change.review();
    await change.approve();
    await change.launch();
    expect(await change.result()).toMatchObject({ outcome: 'completed', currentVersion: 4 });
    expect(await readable(change)).toEqual([1, 2, 3, 4]);
    expect(entriesSince(change, before)).toContain('operation-claimed');
  });

  it('while it holds the lock the rotation is postponed, and what it would have done is done by the switch', async () => {
    const { change } = await begin('locked');
    await change.toLive();
    const staging = hanging(rig, 'mintVersion');
    await change.launch();
    await staging.reached;
    expect(await rotate(change, { newKeyVersion: true })).toMatchObject({
      outcome: 'refused',
      reason: 'OPERATION_LOCKED',
    });
    expect(change.world.store.rows(change.id).due).toHaveLength(1);
    await staging.letGo();
    expect(await change.result()).toMatchObject({ outcome: 'completed' });
    expect(await change.world.store.rotationsDue({ maxAgeDays: 90, maxOperations: 1 })).toEqual([]);
  });
});

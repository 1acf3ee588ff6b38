import type { KeyRef } from '../../domain/ids';
import { platformRef } from '../fakes/key-service';
import { hanging } from './support/hanging';
import { Offboarding } from './support/offboarding';
import { type Rig, realServer, startRig } from './support/rig';
import { rotate } from './support/rotation';
import { connectionOf, keyRefOf, refusalOf, Story, tokenFor } from './support/story';

let rig: Rig;
const hangs: ReturnType<typeof hanging>[] = [];
afterEach(async () => {
  for (const each of hangs.splice(0)) await each.letGo();
});
beforeAll(async () => {
  rig = await startRig(realServer);
}, 60_000);
afterAll(() => rig.stop());

async function active(name: string): Promise<{ story: Story; offboarding: Offboarding; before: number }> {
  rig.fresh();
  const story = await Story.begin(rig, name);
  await story.complete();
  return { story, offboarding: new Offboarding(story), before: story.entries().length };
}

const custodyOf = ({ world, id }: Story) => world.store.rows(id).custody;

describe('an offboarding', () => {
  it('goes back to a new platform key as both sides approved it, and leaves nothing under the customer’s', async () => {
    const { story, offboarding, before } = await active('leaves');
    expect(await offboarding.complete()).toMatchObject({ outcome: 'completed', currentVersion: 2 });
    const keyRef = platformRef(story.id, offboarding.operation().id);
    expect(custodyOf(story)).toMatchObject({ custody: 'platform', connectionId: null, sealing: false });
    expect(await story.world.store.liveEnvelopes(story.id)).toMatchObject([
      { version: 1, keyRef, custody: 'platform' },
      { version: 2, keyRef, custody: 'platform' },
    ]);
    expect(await offboarding.readable()).toEqual([1, 2]);
    expect(offboarding.platformKeys()).toEqual(['pending-deletion', 'enabled']);
    expect(story.entries().slice(before)).toEqual([
      ...['operation-opened', 'verification-recorded', 'dry-run-recorded', 'dry-run-reviewed'],
      ...['approval-accepted', 'operator-approved', 'live-launched', 'platform-key-created'],
      ...['envelope-staged', 'envelope-staged', 'custody-switched', 'superseded-envelopes-erased'],
      'handoff-recorded',
    ]);
    const erased = story.bodies().find(({ type }) => type === 'superseded-envelopes-erased')?.body;
    expect(erased).toMatchObject({ retired: [expect.stringMatching(/^arn:aws:kms/)] });
    const customers = story.world.store
      .rows(story.id)
      .envelopes.filter(({ record }) => record.custody === 'customer');
    expect(customers.map((each) => each.erased)).toEqual([true, true]);
  });

  it('is planned by a dry-run that unwraps every live version; what doesn’t open blocks it', async () => {
    const { story, offboarding } = await active('probes');
    const { customer } = story.world;
    await offboarding.toDryRun();
    const before = customer.handedOut.length;
    await offboarding.send('launchDryRun', { dryRun: true });
    await offboarding.planDigest();
    const opened = customer.handedOut.slice(before);
    expect(opened.map((bytes) => bytes.every((byte) => byte === 0))).toEqual([true, true]);
    customer.failNext.push({ call: 'unwrap', code: 'KEY_DISABLED' });
    await offboarding.send('launchDryRun', { dryRun: true });
    const { dryRun } = await offboarding.until('blocked', (status) => status.dryRun?.planDigest === null);
    expect(dryRun).toMatchObject({ blockers: ['KEY_IN_USE_REFUSES'] });
    await offboarding.plan();
    expect(await offboarding.readable()).toEqual([1, 2]);
    await offboarding.send('cancel', {});
    await offboarding.result();
  });

  it('waits for the customer’s approval, then for the operator’s', async () => {
    const { offboarding } = await active('second');
    await offboarding.toApproval();
    expect((await offboarding.status()).awaiting).toMatchObject({ who: 'customer-admin' });
    expect((await refusalOf(offboarding.operatorApproves())).code).toBe('APPROVAL_MISSING');
    expect((await refusalOf(offboarding.launch())).code).toBe('STAGE_MISMATCH');
    await offboarding.customerApproves();
    expect(await offboarding.status()).toMatchObject({ stage: 'approval', awaiting: { who: 'approver' } });
    await offboarding.operatorApproves();
    await offboarding.at('live');
  });

  it('needs no order: what has ended entitles nobody to keep the customer’s data from them', async () => {
    const { story, offboarding } = await active('no-order');
    await story.world.store.giveOrder(story.id, { kind: 'withdrawal', seq: 2, exp: 4_102_444_800 });
    expect(await offboarding.complete()).toMatchObject({ outcome: 'completed' });
  });

  it('is no end of all things: the organization is activated again, sealed, and offboarded again', async () => {
    const { story, offboarding } = await active('again');
    await offboarding.complete();
    expect(await story.complete()).toMatchObject({ outcome: 'completed', currentVersion: 3 });
    expect(custodyOf(story)).toMatchObject({ custody: 'customer', sealing: false });
    expect(offboarding.platformKeys()).toEqual(['pending-deletion', 'pending-deletion']);
    expect(await offboarding.complete()).toMatchObject({ outcome: 'completed', currentVersion: 3 });
    expect(await offboarding.readable()).toEqual([1, 2, 3]);
    expect(offboarding.platformKeys()).toEqual(['pending-deletion', 'pending-deletion', 'enabled']);
  });

  it.each(['verification', 'dry-run', 'approval', 'live'] as const)(
    'cancelled at %s changes nothing',
    async (stage) => {
      const { story, offboarding } = await active(`cancelled-${stage}`);
      const custody = custodyOf(story);
      if (stage === 'verification') {
        const hung = hanging(rig, 'verifyConnection');
        hangs.push(hung);
        await offboarding.start();
        await hung.reached;
      } else if (stage === 'dry-run') await offboarding.toDryRun();
      else if (stage === 'approval') await offboarding.toApproval();
      else await offboarding.toLive();
      await offboarding.send('cancel', {});
      expect(await offboarding.result()).toMatchObject({ outcome: 'cancelled' });
      expect(custodyOf(story)).toEqual(custody);
      expect(await offboarding.readable()).toEqual([1, 2]);
      expect(offboarding.platformKeys()).toEqual(['pending-deletion']);
    },
  );

  it('rejected by the customer’s signature changes nothing', async () => {
    const { story, offboarding } = await active('rejected');
    const custody = custodyOf(story);
    await offboarding.toApproval();
    await offboarding.send('reject', await offboarding.decision('reject'), null);
    expect(await offboarding.result()).toMatchObject({ outcome: 'rejected' });
    expect(custodyOf(story)).toEqual(custody);
  });

  it('cancelled while it stages erases what is staged, and schedules its new key for deletion', async () => {
    const { story, offboarding } = await active('mid-staging');
    const custody = custodyOf(story);
    await offboarding.toLive();
    let isFirst = true;
    let hung: ReturnType<typeof hanging> | null = null;
    rig.instead.set('stageUnderPlatform', async (original) => {
      if (!isFirst) return original();
      isFirst = false;
      await original();
      // The second version's call, which comes next.
      hung = hanging(rig, 'stageUnderPlatform');
      hangs.push(hung);
      return null;
    });
    await offboarding.launch();
    await offboarding.until('staging', () => hung !== null);
    await (hung as ReturnType<typeof hanging> | null)?.reached;
    await offboarding.send('cancel', {});
    expect(await offboarding.result()).toMatchObject({ outcome: 'cancelled' });
    expect(custodyOf(story)).toEqual(custody);
    expect(offboarding.platformKeys()).toEqual(['pending-deletion', 'pending-deletion']);
    const { envelopes } = story.world.store.rows(story.id);
    expect(envelopes.filter(({ record, erased }) => record.custody === 'platform' && !erased)).toEqual([]);
    expect(story.entries().at(-1)).toBe('spare-platform-key-retired');
    expect(await offboarding.readable()).toEqual([1, 2]);
  });

  it.each(['stageUnderPlatform', 'switchToPlatform'])(
    'a key that is disabled before %s ends it as refused: custody is as it was, and what was made for it goes',
    async (activity) => {
      const { story, offboarding } = await active(`off-${activity.toLowerCase()}`);
      const custody = custodyOf(story);
      const key = story.world.customer.ring.key(keyRefOf(story.name) as KeyRef);
      await offboarding.toLive();
      const hung = hanging(rig, activity);
      hangs.push(hung);
      await offboarding.launch();
      await hung.reached;
      key.state = 'disabled';
      await hung.letGo();
      expect(await offboarding.result()).toMatchObject({ outcome: 'refused' });
      expect(offboarding.operation()).toMatchObject({ reason: 'KEY_DISABLED' });
      expect(custodyOf(story)).toEqual(custody);
      expect(offboarding.platformKeys()).toEqual(['pending-deletion', 'pending-deletion']);
      const { envelopes } = story.world.store.rows(story.id);
      expect(envelopes.filter(({ record, erased }) => record.custody === 'platform' && !erased)).toEqual([]);
      await expect(offboarding.readable()).rejects.toMatchObject({ code: 'KEY_DISABLED' });
      key.state = 'enabled';
      expect(await offboarding.readable()).toEqual([1, 2]);
    },
  );

  it('a rotation while it waits changes what was approved: it is planned and approved anew, with the new version', async () => {
    const { story, offboarding } = await active('rotated');
    await offboarding.toLive();
    expect(await rotate(story, { newKeyVersion: true })).toMatchObject({ outcome: 'completed' });
    expect((await refusalOf(offboarding.launch())).code).toBe('PLAN_CHANGED');
    await offboarding.at('dry-run');
    expect(offboarding.platformKeys()).toEqual(['pending-deletion']);
    await offboarding.plan();
    expect((await refusalOf(offboarding.operatorApproves())).code).toBe('APPROVAL_MISSING');
    await offboarding.customerApproves();
    await offboarding.operatorApproves();
    await offboarding.launch();
    await offboarding.at('handoff');
    expect(await offboarding.readable()).toEqual([1, 2, 3]);
    expect(offboarding.platformKeys()).toEqual(['pending-deletion', 'enabled']);
  });

  it('a run that was terminated before it could retire its key is gone on with by another, which opens nothing', async () => {
    const { story, offboarding } = await active('left');
    await offboarding.toLive();
    const staging = hanging(rig, 'stageUnderPlatform');
    const retiring = hanging(rig, 'retireSpareKey');
    await offboarding.launch();
    await staging.reached;
    await offboarding.send('cancel', {});
    await retiring.reached;
    await offboarding.handle.terminate('by hand');
    hangs.push(staging);
    expect(offboarding.platformKeys()).toEqual(['pending-deletion', 'enabled']);
    const { id } = offboarding.operation();
    await offboarding.resume();
    expect(await offboarding.result()).toMatchObject({ operationId: id, outcome: 'cancelled' });
    expect(offboarding.platformKeys()).toEqual(['pending-deletion', 'pending-deletion']);
    // What comes late does nothing that isn't done.
    expect(await retiring.letGo()).toBe('done');
    expect((await refusalOf(offboarding.resume().then((handle) => handle.result()))).code).toBe(
      'OPERATION_UNKNOWN',
    );
    expect((await refusalOf(offboarding.start(null).then((handle) => handle.result()))).code).toBe(
      'FORBIDDEN',
    );
    expect(
      story.world.store.rows(story.id).operations.filter(({ kind }) => kind === 'offboard'),
    ).toHaveLength(1);
  });

  it('what is asked for by hand while it is under way neither ends the key that custody goes to, nor gives it a connection', async () => {
    const { story, offboarding } = await active('by-hand');
    await offboarding.toLive();
    const hung = hanging(rig, 'switchToPlatform');
    hangs.push(hung);
    await offboarding.launch();
    await hung.reached;
    const { id: operationId, epoch } = offboarding.operation();
    const place = { organization: { id: story.id, name: story.name }, operationId, epoch };
    const { custody, operator } = story.world;
    for (const stage of ['live', 'closed'] as const) {
      const asked = operator.retireSpareKey({ ...place, stage, key: 'by-hand' });
      await expect(asked).rejects.toMatchObject({ type: 'STAGE_MISMATCH' });
    }
    const entered = { operationId, connection: connectionOf('another') };
    const actor = tokenFor(story.name, 'submitConnection', entered, 'customer-admin', 'by-hand');
    const submitted = custody.recordConnection({
      ...{ ...place, stage: 'live', connectionId: operationId as never },
      sent: { payload: { ...entered, actor }, updateId: 'by-hand', name: 'by-hand' },
    });
    await expect(submitted).rejects.toMatchObject({ type: 'STAGE_MISMATCH' });
    expect(offboarding.platformKeys()).toEqual(['pending-deletion', 'enabled']);
    expect(await hung.letGo()).toBe('done');
    await offboarding.at('handoff');
    // Nor is it a spare because it once was made for an operation that has ended.
    const after = operator.retireSpareKey({ ...place, stage: 'handoff', key: 'by-hand' });
    await expect(after).rejects.toMatchObject({ type: 'STAGE_MISMATCH' });
    expect(offboarding.platformKeys()).toEqual(['pending-deletion', 'enabled']);
    expect(await offboarding.readable()).toEqual([1, 2]);
  });
});

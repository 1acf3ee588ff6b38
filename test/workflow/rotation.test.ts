import { SYSTEM } from '../../domain/actor';
import type { KeyVersion } from '../../domain/ids';
import { hanging } from './support/hanging';
import { type Rig, startRig } from './support/rig';
import {
  activeAtAzure,
  customerRotates,
  entriesSince,
  liveOf,
  readable,
  rotate,
  rotationOf,
  rotationStatus,
  startRotating,
} from './support/rotation';
import { azureVersionOf, refusalOf, Story } from './support/story';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
}, 60_000);
afterAll(() => rig.stop());

async function active(name: string): Promise<{ story: Story; before: number }> {
  rig.fresh();
  const story = await activeAtAzure(rig, name);
  return { story, before: story.entries().length };
}

const WRAPPED_ANEW = [
  'operation-opened',
  'verification-recorded',
  'rotation-launched',
  'envelope-staged',
  'envelope-staged',
];

describe('a rotation at the customer’s provider', () => {
  it('wraps every live envelope under the newest version, switches, and erases the former ones', async () => {
    const { story, before } = await active('newer');
    const former = await liveOf(story);
    customerRotates(story);
    expect(await rotate(story, { reason: 'yearly' })).toMatchObject({ outcome: 'completed', reason: null });
    const keyRef = azureVersionOf('newer', 2);
    expect(await liveOf(story)).toMatchObject([
      { version: 1, keyRef, custody: 'customer' },
      { version: 2, keyRef, custody: 'customer' },
    ]);
    expect(await readable(story)).toEqual([1, 2]);
    expect(entriesSince(story, before)).toEqual([
      ...WRAPPED_ANEW,
      'custody-switched',
      'superseded-envelopes-erased',
    ]);
    const [opened, , launched] = story.bodies().slice(before);
    expect(opened).toMatchObject({
      actor: { kind: 'support' },
      body: { kind: 'rotate', ask: { cause: 'request', reason: 'yearly', newKeyVersion: false } },
    });
    expect(launched?.body).toEqual({
      from: azureVersionOf('newer', 1),
      to: keyRef,
      rewrap: [1, 2],
      mint: null,
    });
    const erased = story.bodies().at(-1);
    expect(erased?.body).toMatchObject({
      envelopes: former.map(({ version, wrappedSha256, keyRef: by }) => ({
        version,
        wrappedSha256,
        keyRef: by,
      })),
      retired: [azureVersionOf('newer', 1)],
    });
    const days = Date.parse(String(erased?.body['backupsExpireAt'])) - Date.parse(erased?.at ?? '');
    expect(days / 86_400_000).toBeCloseTo(35, 1);
    expect(story.world.store.rows(story.id).envelopes.filter(({ erased: gone }) => !gone)).toHaveLength(2);
    expect(await story.world.store.rotationsDue({ maxAgeDays: 90, maxOperations: 1 })).toEqual([]);
  });

  it('mints the workspace key’s next version where that is asked for, and it’s current from the switch on', async () => {
    const { story, before } = await active('minted');
    expect(await rotate(story, { newKeyVersion: true })).toMatchObject({ outcome: 'completed' });
    expect(entriesSince(story, before)).toEqual([
      ...WRAPPED_ANEW,
      'envelope-staged',
      'custody-switched',
      'superseded-envelopes-erased',
    ]);
    expect(story.world.store.rows(story.id).custody?.currentVersion).toBe(3);
    expect(await readable(story)).toEqual([1, 2, 3]);
    // The key is the same, so nothing of the customer's is retired.
    expect(story.bodies().at(-1)?.body['retired']).toEqual([]);
    expect(story.world.minted.every((bytes) => bytes.every((byte) => byte === 0))).toBe(true);
    expect(story.world.customer.handedOut.every((bytes) => bytes.every((byte) => byte === 0))).toBe(true);
  });

  it('under the newest version already: nothing to do, and it says so', async () => {
    const { story, before } = await active('nothing');
    const live = await liveOf(story);
    expect(await rotate(story)).toMatchObject({ outcome: 'completed', reason: 'NOTHING_TO_ROTATE' });
    expect(await liveOf(story)).toEqual(live);
    expect(entriesSince(story, before)).toEqual([
      'operation-opened',
      'verification-recorded',
      'operation-closed',
    ]);
  });

  it('AWS turns its material over behind one ARN: nothing to do there, a new version of the workspace key is', async () => {
    rig.fresh();
    const story = await Story.begin(rig, 'at-aws');
    await story.complete();
    expect(await rotate(story)).toMatchObject({ reason: 'NOTHING_TO_ROTATE' });
    expect(await rotate(story, { newKeyVersion: true }, 'customer-admin')).toMatchObject({ reason: null });
    expect(await readable(story)).toEqual([1, 2, 3]);
  });

  it('an alias that leads to another key is no rotation', async () => {
    rig.fresh();
    const story = await Story.begin(rig, 'moved');
    await story.complete();
    const live = await liveOf(story);
    story.world.customer.aliases.set(
      'arn:aws:kms:eu-central-1:111122223333:alias/moved',
      'arn:aws:kms:eu-central-1:111122223333:key/99999999-0000-4000-8000-000000000000' as never,
    );
    expect(await rotate(story, { newKeyVersion: true })).toMatchObject({
      outcome: 'refused',
      reason: 'KEY_MOVED',
    });
    expect(await liveOf(story)).toEqual(live);
  });
});

describe('whatever goes wrong before the switch changes nothing', () => {
  it('a wrap that is denied refuses the rotation with its reason', async () => {
    const { story, before } = await active('denied');
    const live = await liveOf(story);
    customerRotates(story);
    story.world.customer.refuses = { wrap: 'WRAP_DENIED' };
    expect(await rotate(story)).toMatchObject({ outcome: 'refused', reason: 'WRAP_DENIED' });
    expect(await liveOf(story)).toEqual(live);
    expect(await readable(story)).toEqual([1, 2]);
    expect(entriesSince(story, before)).toEqual([
      'operation-opened',
      'verification-recorded',
      'operation-closed',
    ]);
  });

  it.each(['wrap', 'unwrap'] as const)(
    'a %s that is denied in the midst of it takes back what was staged',
    async (call) => {
      const { story } = await active(`mid-${call}`);
      const live = await liveOf(story);
      customerRotates(story);
      const code = call === 'wrap' ? 'WRAP_DENIED' : 'KEY_DISABLED';
      let staged = 0;
      rig.instead.set('rewrapVersion', (original) => {
        staged += 1;
        if (staged === 2) story.world.customer.failNext.push({ call, code });
        return original();
      });
      expect(await rotate(story)).toMatchObject({ outcome: 'refused', reason: code });
      expect(await liveOf(story)).toEqual(live);
      const { envelopes, operations } = story.world.store.rows(story.id);
      expect(envelopes.filter(({ erased }) => !erased).map(({ record }) => record)).toEqual(live);
      expect(operations.every(({ holdsLock }) => !holdsLock)).toBe(true);
    },
  );

  it('cancelled in the Temporal UI before the switch: closed, and what was staged is gone', async () => {
    const { story } = await active('cancelled-before');
    const live = await liveOf(story);
    customerRotates(story);
    const step = hanging(rig, 'mintNextVersion');
    const handle = await startRotating(story, { newKeyVersion: true });
    await step.reached;
    await handle.cancel();
    await expect(handle.result()).rejects.toThrow(/cancelled/i);
    expect(await step.letGo()).not.toBe('done');
    expect(story.bodies().at(-1)).toMatchObject({
      actor: { kind: 'temporal:unverified' },
      body: { outcome: 'cancelled' },
    });
    expect(await liveOf(story)).toEqual(live);
  });

  it('cancelled after it: goes on to its end', async () => {
    const { story } = await active('cancelled-after');
    customerRotates(story);
    let handle = rotationOf(story);
    rig.instead.set('eraseSuperseded', async (original) => {
      await handle.cancel();
      return original();
    });
    handle = await startRotating(story);
    expect(await handle.result()).toMatchObject({ outcome: 'completed' });
  });
});

describe('who may', () => {
  it('nobody unverified opens one, unless it is due', async () => {
    const { story, before } = await active('unverified');
    customerRotates(story);
    expect((await refusalOf(rotate(story, {}, null))).code).toBe('FORBIDDEN');
    expect((await refusalOf(rotate(story, {}, 'customer-auditor'))).code).toBe('FORBIDDEN');
    expect(entriesSince(story, before)).toEqual([]);
    const { commit } = story.world.store;
    await commit({
      idempotencyKey: 'noticed',
      actor: SYSTEM,
      fence: null,
      organization: story.id,
      change: { type: 'rotation-due', cause: 'provider-key-version', newKeyVersion: false },
    });
    // What it asks for beside that isn't its to ask.
    expect(await rotate(story, { newKeyVersion: true }, null)).toMatchObject({ outcome: 'completed' });
    expect(story.bodies()[before + 1]).toMatchObject({
      actor: { kind: 'system' },
      body: { ask: { cause: 'provider-key-version', newKeyVersion: false } },
    });
    expect(await story.world.store.rotationsDue({ maxAgeDays: 90, maxOperations: 1 })).toEqual([]);
    expect((await refusalOf(rotate(story, {}, null))).code).toBe('FORBIDDEN');
  });

  it('a workspace key that is as old as it may be is due for its next version', async () => {
    rig.fresh({ settings: { rotation: { maxAgeDays: 0, maxOperations: 1 } } });
    const story = await activeAtAzure(rig, 'aged');
    expect(await rotate(story, {}, null)).toMatchObject({ outcome: 'completed' });
    expect(story.world.store.rows(story.id).custody?.currentVersion).toBe(3);
  });

  it('in platform custody, and while its activation seals, there’s nothing to rotate', async () => {
    rig.fresh();
    const story = await Story.begin(rig, 'platform');
    expect((await refusalOf(rotate(story))).code).toBe('NOT_CUSTOMER_CUSTODY');
  });

  it('another id, another organization, an unknown member', async () => {
    const { story } = await active('mine');
    const { workflow } = rig.client;
    const other = {
      workflowId: 'rotation/other',
      taskQueue: 'smsk-custody',
      args: [{ organization: 'mine' }],
    };
    expect((await refusalOf(workflow.execute('rotateCustomerKey', other))).code).toBe('WORKFLOW_ID_FOREIGN');
    expect((await refusalOf(rotate(story, { versions: 2 } as never))).code).toBe('INPUT_INVALID');
  });
});

it('says where it stands to whoever opens it in the Temporal UI', async () => {
  const { story } = await active('told');
  customerRotates(story);
  let told: unknown;
  rig.instead.set('rewrapVersion', async (original) => {
    told ??= await rotationStatus(story);
    return original();
  });
  const handle = await startRotating(story);
  await handle.result();
  expect(told).toMatchObject({ organization: 'told', stage: 'live', step: 'wrap', trouble: null });
  expect(await rotationStatus(story)).toMatchObject({ stage: 'closed', step: null });
  const { searchAttributes } = await handle.describe();
  expect(searchAttributes).toMatchObject({
    SmskOrg: ['told'],
    SmskStage: ['closed'],
    SmskAwaiting: ['nobody'],
  });
  expect(story.world.store.rows(story.id).custody?.currentVersion).toBe(2 as KeyVersion);
});

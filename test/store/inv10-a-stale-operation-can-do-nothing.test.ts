import { SYSTEM } from '../../domain/actor';
import type { Epoch } from '../../domain/ids';
import { type Opened, openStore } from './support/opened';
import { PLATFORM_KEY, refused, Story } from './support/story';

let opened: Opened;
beforeAll(async () => {
  opened = await openStore();
});
afterAll(() => opened.close());

const size = async (story: Story) => (await opened.store.ledgerHead(story.organization)).size;

test('a superseded epoch is refused at every stage, and leaves nothing', async () => {
  for (const stage of ['entitlement', 'setup', 'verification', 'dry-run', 'approval', 'live'] as const) {
    const story = await Story.at(opened.store, stage);
    const stale = { ...story.operation };
    await story.claim('run-2');
    expect(story.operation.epoch).toBe(stale.epoch + 1);
    const before = await size(story);
    const request = story.request(
      { type: 'operation-closed', outcome: 'cancelled', reason: null },
      stage,
      'closed',
    );
    const { fence } = request;
    await expect(
      opened.store.commit({ ...request, fence: { ...fence, epoch: stale.epoch } }),
    ).rejects.toEqual(refused('OPERATION_STALE'));
    expect(await size(story)).toBe(before);
    expect((await story.current()).stage).toBe(stage);
  }
});

test('an epoch that was never given out is refused as well', async () => {
  const story = await Story.at(opened.store, 'setup');
  const request = story.request(
    { type: 'operation-closed', outcome: 'cancelled', reason: null },
    'setup',
    'closed',
  );
  const fence = { ...request.fence, epoch: (request.fence.epoch + 1) as Epoch };
  await expect(opened.store.commit({ ...request, fence })).rejects.toEqual(refused('OPERATION_STALE'));
});

test('another organization’s operation is no fence, with its own epoch or not', async () => {
  const ours = await Story.at(opened.store, 'setup');
  const theirs = await Story.at(opened.store, 'setup');
  const request = ours.request(
    { type: 'operation-closed', outcome: 'cancelled', reason: null },
    'setup',
    'closed',
  );
  const fence = { ...request.fence, operationId: theirs.operation.id, epoch: theirs.operation.epoch };
  await expect(opened.store.commit({ ...request, fence })).rejects.toEqual(refused('OPERATION_STALE'));
  expect((await theirs.current()).stage).toBe('setup');
});

test('a wrong stage, and a move that its change doesn’t make, are refused', async () => {
  const story = await Story.at(opened.store, 'setup');
  const before = await size(story);
  await expect(story.verify('verification', 'dry-run')).rejects.toEqual(refused('STAGE_MISMATCH'));
  const close = { type: 'operation-closed', outcome: 'cancelled', reason: null } as const;
  await expect(story.step(close, 'setup', 'live')).rejects.toEqual(refused('STAGE_MISMATCH'));
  await expect(story.step({ type: 'operation-claimed', kind: 'activate' }, 'setup', 'setup')).rejects.toEqual(
    refused('STAGE_MISMATCH'),
  );
  expect(await size(story)).toBe(before);
});

test('of two claimants the later has it; the earlier doesn’t get it back by asking again', async () => {
  const story = await Story.at(opened.store, 'setup');
  const first = story.operation;
  expect((await story.claim('run-1')).epoch).toBe(first.epoch);
  const second = await story.claim('run-2');
  expect(second).toMatchObject({ id: first.id, epoch: first.epoch + 1, stage: 'setup' });
  await expect(story.claim('run-1')).rejects.toEqual(refused('OPERATION_STALE'));
  expect((await story.current()).epoch).toBe(second.epoch);
});

test('many claimants at the same time get epochs that differ, and one operation', async () => {
  const story = await Story.created(opened.store);
  const claimants = Array.from({ length: 8 }, (_, i) => `run-${i}`);
  const claimed = await Promise.all(
    claimants.map((claimant) =>
      opened.store.claim({ organization: story.name, kind: 'activate', claimant, actor: SYSTEM }),
    ),
  );
  expect(new Set(claimed.map(({ id }) => id)).size).toBe(1);
  expect(new Set(claimed.map(({ epoch }) => epoch)).size).toBe(claimants.length);
  const standing = await opened.store.operation(story.organization, claimed[0]?.id ?? story.operation.id);
  expect(standing?.epoch).toBe(Math.max(...claimed.map(({ epoch }) => epoch)));
});

test('one holds the lock: while the organization is being created, and from live on', async () => {
  const story = await Story.at(opened.store, 'live');
  await opened.sql(
    `INSERT INTO operation (id, organization_id, kind, epoch, stage, holds_lock, claimant, stage_since, opened_at)
     VALUES (gen_random_uuid(), $1, 'rotate', 90, 'live', true, 'x', now(), now())`,
    [story.organization],
  );
  await expect(story.launch()).rejects.toEqual(refused('OPERATION_LOCKED'));
  expect((await story.current()).holdsLock).toBe(false);
  await opened.sql(`UPDATE operation SET holds_lock = false WHERE organization_id = $1 AND kind = 'rotate'`, [
    story.organization,
  ]);
  await story.launch();
  expect((await story.current()).holdsLock).toBe(true);
  await expect(
    opened.sql(`UPDATE operation SET holds_lock = true WHERE organization_id = $1`, [story.organization]),
  ).rejects.toThrow('operation_lock_key');

  const created = await Story.begin(opened.store);
  expect((await created.current()).holdsLock).toBe(true);
});

test('what stages envelopes holds the lock', async () => {
  const story = await Story.at(opened.store, 'live');
  await expect(story.stage(1, 'customer', false)).rejects.toEqual(refused('STAGE_MISMATCH'));
});

test('the lock comes back with a plan that is given up, and with the operation’s end', async () => {
  const story = await Story.at(opened.store, 'live');
  await story.launch();
  await story.stage(1, 'customer', false);
  await story.step(
    { type: 'plan-invalidated', planDigest: story.digest, reason: 'PLAN_EXPIRED' },
    'live',
    'dry-run',
  );
  expect(await story.current()).toMatchObject({
    holdsLock: false,
    dryRunId: null,
    approved: false,
    reviewed: false,
  });
  expect(await opened.store.stagedEnvelopes(story.operation.id)).toEqual([]);

  await story.plan();
  await story.review();
  await story.approve();
  await story.launch();
  // The same version again: what was staged for the former plan isn't in the way.
  await story.stage(1, 'customer', false);
  await story.cancel('live');
  expect(await story.current()).toMatchObject({ holdsLock: false, stage: 'closed', outcome: 'cancelled' });
  expect(await opened.store.stagedEnvelopes(story.operation.id)).toEqual([]);
  expect(await opened.store.auditRows()).toEqual([]);
});

test('an activation of an organization in customer custody is refused', async () => {
  const story = await Story.at(opened.store, 'handoff');
  await story.handOff();
  await expect(story.claim('run-9')).rejects.toEqual(refused('ALREADY_ACTIVE'));
});

test('creating is once: the same claimant gets the same, the next takes over what it left', async () => {
  const story = await Story.begin(opened.store);
  const again = (claimant: string) =>
    opened.store.createOrganization({ name: story.name, claimant, actor: SYSTEM });
  expect((await again('run-0')).id).toBe(story.operation.id);
  expect(await again('run-1')).toMatchObject({ id: story.operation.id, epoch: 2, holdsLock: true });
  await expect(again('run-0')).rejects.toEqual(refused('OPERATION_STALE'));
  const late = story.request({ type: 'platform-key-created', keyRef: PLATFORM_KEY }, 'entitlement', 'live');
  await expect(opened.store.commit(late)).rejects.toEqual(refused('OPERATION_STALE'));
});

test('a finished creation isn’t taken over', async () => {
  const story = await Story.created(opened.store);
  const again = opened.store.createOrganization({ name: story.name, claimant: 'run-1', actor: SYSTEM });
  await expect(again).rejects.toEqual(refused('ORGANIZATION_EXISTS'));
});

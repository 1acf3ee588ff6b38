import { randomUUID } from 'node:crypto';
import { SYSTEM } from '../../domain/actor';
import { instantOf, type KeyRef } from '../../domain/ids';
import { ROTATION_RULE } from '../../domain/rotation';
import { ConnectionChange } from './support/connection-change';
import { type Opened, openStore } from './support/opened';
import { activeAtAzure, Rotation, versionOf } from './support/rotation';
import { inputFor, refused, Story } from './support/story';

let opened: Opened;
beforeAll(async () => {
  opened = await openStore();
});
afterAll(() => opened.close());

/** Active at Azure, its activation through. */
async function active(): Promise<Story> {
  const story = await activeAtAzure(opened.store);
  await story.handOff();
  return story;
}
const changeOf = (story: Story) => new ConnectionChange(story, inputFor(story.account));
const live = async ({ organization }: Story) =>
  (await opened.store.liveEnvelopes(organization)).map(({ version, keyRef }) => [version, keyRef]);

test('it switches to just what its plan names, erases the former key’s, and every row has its entry', async () => {
  const story = await active();
  const [former, next] = [versionOf(story, 1), inputFor(story.account).key as KeyRef];
  const change = changeOf(story);
  await change.approved();
  const { plan } = (await opened.store.dryRun(story.operation.id, 'current')) ?? {};
  const statusBefore = await opened.store.status(story.name);
  expect(plan).toMatchObject({
    kind: 'change-connection',
    from: { id: statusBefore?.connection?.id, keyRef: former },
    connection: { id: story.connectionId, keyRef: next },
    mint: 3,
    custody: { from: 'customer', to: 'customer' },
  });
  expect(plan).not.toHaveProperty('platformKey');
  expect(statusBefore?.newConnection).toMatchObject({ id: story.connectionId, pinnedKeyRef: next });
  await change.staged();
  // Nothing has moved: the former envelopes serve, under the former connection.
  expect(await live(story)).toEqual([
    [1, former],
    [2, former],
  ]);
  await change.switch();
  expect(await live(story)).toEqual([
    [1, next],
    [2, next],
    [3, next],
  ]);
  expect(await opened.store.snapshot(story.organization, ['current'])).toMatchObject({
    custody: { currentVersion: 3, sealing: false, connectionId: story.connectionId },
    connection: { id: story.connectionId, pinnedKeyRef: next },
  });
  expect((await opened.store.canary(story.organization))?.keyRef).toBe(next);
  const { index, at } = await change.erase();
  expect((await opened.store.keys(story.organization)).keyRefs).toMatchObject([
    { keyRef: former, live: [], retired: { index, at } },
    { keyRef: next, live: [1, 2, 3], retired: null },
  ]);
  expect(await opened.store.status(story.name)).toMatchObject({
    operation: { kind: 'change-connection', stage: 'closed', outcome: 'completed' },
    connection: { id: story.connectionId },
    newConnection: null,
  });
  expect(await opened.store.auditRows()).toEqual([]);
});

test('what isn’t its plan’s is never switched to', async () => {
  const story = await active();
  const change = changeOf(story);
  await change.approved();
  await story.launch();
  for (const version of [1, 2]) await change.stage(version);
  await expect(change.switch()).rejects.toEqual(refused('PLAN_CHANGED'));
  await expect(story.step({ ...story.envelopeChange(3, 'platform', true) }, 'live', 'live')).rejects.toEqual(
    refused('STAGE_MISMATCH'),
  );
  expect(await live(story)).toHaveLength(2);
  await story.cancel('live');
  expect(await opened.store.stagedEnvelopes(story.operation.id)).toEqual([]);
  expect(await opened.store.auditRows()).toEqual([]);
});

test('it is opened in customer custody, by somebody known, and while nothing else that people approve is open', async () => {
  const ask = { kind: 'change-connection', claimant: randomUUID(), actor: SYSTEM } as const;
  const known = { ...ask, actor: { kind: 'support', name: 'sam' } } as const;
  const created = await Story.created(opened.store);
  await expect(opened.store.claim({ ...known, organization: created.name })).rejects.toEqual(
    refused('NOT_CUSTOMER_CUSTODY'),
  );
  const sealing = await Story.at(opened.store, 'sealing');
  await expect(opened.store.claim({ ...known, organization: sealing.name })).rejects.toEqual(
    refused('NOT_CUSTOMER_CUSTODY'),
  );
  const handoff = await Story.at(opened.store, 'handoff');
  await expect(opened.store.claim({ ...known, organization: handoff.name })).rejects.toEqual(
    refused('OPERATION_OPEN'),
  );
  await handoff.handOff();
  await expect(opened.store.claim({ ...ask, organization: handoff.name })).rejects.toEqual(
    refused('FORBIDDEN'),
  );
  expect(await opened.store.claim({ ...known, organization: handoff.name })).toMatchObject({
    kind: 'change-connection',
    stage: 'entitlement',
    connectionId: null,
  });
});

test('the connection in use is nothing to change to', async () => {
  const story = await active();
  const inUse = (await opened.store.status(story.name))?.connection?.input;
  if (inUse === undefined) throw new Error('none is in use');
  const change = changeOf(story);
  await change.claim();
  await story.confirmEntitlement();
  await expect(change.connect(inUse)).rejects.toEqual(refused('NOTHING_TO_CHANGE'));
  await change.connect();
});

test('a rotation that switched meanwhile makes it claim a later epoch, and plan anew', async () => {
  const story = await active();
  const change = changeOf(story);
  await change.approved();
  const waiting = story.operation;
  const { digest, dryRunId } = story;
  const rotation = new Rotation(story);
  await rotation.staged();
  await rotation.switch(2);
  await rotation.erase();
  const rotated = story.operation.epoch;
  Object.assign(story, { operation: waiting, digest, dryRunId });
  await expect(story.launch()).rejects.toEqual(refused('PLAN_CHANGED'));
  await change.claim();
  expect(story.operation.epoch).toBeGreaterThan(rotated);
  const { epoch } = story.operation;
  await change.claim();
  expect(story.operation.epoch).toBe(epoch);
  await story.plan('live');
  await story.review();
  await story.approve();
  await change.staged();
  await change.switch();
  expect((await live(story)).map(([version]) => version)).toEqual([1, 2, 3]);
  await change.erase();
  expect(await opened.store.auditRows()).toEqual([]);
});

test('the former key stays the organization’s while a backup may need it', async () => {
  const keeps = async (backupsExpireAt: ReturnType<typeof instantOf>) => {
    const story = await active();
    const former = (await opened.store.status(story.name))?.connection;
    if (!former) throw new Error('none is in use');
    const change = changeOf(story);
    await change.approved();
    await change.staged();
    await change.switch();
    await change.erase(backupsExpireAt);
    const other = await Story.at(opened.store, 'setup');
    await other.connect('setup', former.input);
    return other.verify('verification', 'dry-run', undefined, versionOf(story, 1));
  };
  await expect(keeps(instantOf(4_000_000_000_000))).rejects.toEqual(refused('CONNECTION_IN_USE'));
  await expect(keeps(instantOf(1_000_000_000_000))).resolves.toMatchObject({ replayed: false });
});

test('what was due is done by it, the next sweep looks at all of the new connection, and nothing found of the former starts a rotation', async () => {
  const story = await active();
  const { organization, name } = story;
  const { store } = opened;
  await store.enrolProbes('customer-key', 3_600_000);
  await story.store.commit(story.unfenced({ type: 'rotation-due', cause: 'age', newKeyVersion: true }));
  await store.commit(
    story.unfenced({
      type: 'drift-found',
      aspect: 'version',
      code: 'KEY_ROTATED',
      owner: 'customer',
      keyRef: versionOf(story, 2),
      requestId: null,
    }),
  );
  expect(await store.rotationsDue(ROTATION_RULE, name)).toHaveLength(1);
  const change = changeOf(story);
  await change.approved();
  await change.staged();
  await change.switch();
  await change.erase();
  expect(await store.rotationsDue(ROTATION_RULE, name)).toEqual([]);
  const [probe] = await opened.sql<{ due: boolean; thorough_at: Date | null }>(
    `SELECT due_at <= clock_timestamp() AS due, thorough_at FROM probe WHERE organization_id = $1 AND kind = 'customer-key'`,
    [organization],
  );
  expect(probe).toEqual({ due: true, thorough_at: null });
  const [subject] = await store.probeSubjects([organization]);
  expect(subject?.connection.id).toBe(story.connectionId);
  expect(subject?.held.map(({ keyRef }) => keyRef)).toEqual([inputFor(story.account).key]);
  expect((await store.auditRows()).filter((row) => row.organization === organization)).toEqual([]);
});

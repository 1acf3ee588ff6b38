import { randomUUID } from 'node:crypto';
import {
  instantOf,
  type KeyRef,
  type KeyVersion,
  msOf,
  type OrganizationId,
  type RequestId,
} from '../../domain/ids';
import { nodeSuite } from '../../ledger/node/suite';
import { concatHashes, leafHash, rootOfLeaves } from '../../ledger/verify/tree';
import { usageLeaf } from '../../store/content/usage';
import { type Opened, openStore } from './support/opened';
import { PLATFORM_KEY, refused, Story } from './support/story';

let opened: Opened;
beforeAll(async () => {
  opened = await openStore();
});
afterAll(() => opened.close());

const version = (n: number) => n as KeyVersion;
const versionsOf = (snapshot: { envelopes: readonly { version: number }[] }) =>
  snapshot.envelopes.map((envelope) => envelope.version).sort();

test('under platform custody: the custody, the asked envelope, no connection', async () => {
  const story = await Story.created(opened.store);
  const snapshot = await opened.store.snapshot(story.organization, ['current']);
  expect(snapshot).toMatchObject({
    custody: { custody: 'platform', currentVersion: 1, sealing: false, connectionId: null },
    envelopes: [{ version: 1, custody: 'platform', keyRef: PLATFORM_KEY }],
    connection: null,
    sealed: null,
  });
  expect(snapshot.envelopes).toEqual(await opened.store.liveEnvelopes(story.organization));
});

test('after the switch: the asked ones of the live versions, the connection, and the sealed statement', async () => {
  const story = await Story.at(opened.store, 'sealing');
  const { organization } = story;
  const asked = (...versions: (KeyVersion | 'current')[]) => opened.store.snapshot(organization, versions);
  expect(versionsOf(await asked('current'))).toEqual([2]);
  expect(versionsOf(await asked(version(1)))).toEqual([1]);
  expect(versionsOf(await asked(version(1), version(2), 'current'))).toEqual([1, 2]);
  expect(versionsOf(await asked(version(7)))).toEqual([]);
  const snapshot = await asked('current');
  expect(snapshot.custody.sealing).toBe(true);
  expect(snapshot.connection).toEqual(await opened.store.connection(story.connectionId));
  expect(snapshot.envelopes[0]?.custody).toBe('customer');
  expect(snapshot.sealed).toBeNull();
  await story.seal();
  const sealed = await asked('current');
  expect(await opened.store.statements(organization)).toContain(sealed.sealed);
});

test('what is staged isn’t served before the switch', async () => {
  const story = await Story.at(opened.store, 'live');
  await story.launch();
  await story.stage(1, 'customer', false);
  await story.stage(2, 'customer', true);
  const snapshot = await opened.store.snapshot(story.organization, ['current', version(1), version(2)]);
  expect(snapshot.envelopes).toMatchObject([{ version: 1, custody: 'platform' }]);
});

test('an unknown organization, and one without a key version yet, are refused', async () => {
  const story = await Story.begin(opened.store);
  for (const organization of [story.organization, randomUUID() as OrganizationId]) {
    await expect(opened.store.snapshot(organization, ['current'])).rejects.toEqual(
      refused('ORGANIZATION_UNKNOWN'),
    );
  }
});

test('any number of refusals are one incident with their count; a success is a hint, and closes nothing by itself', async () => {
  const story = await Story.created(opened.store);
  const { organization } = story;
  const other = opened.another();
  await Promise.all(
    Array.from({ length: 300 }, (_, i) =>
      (i % 3 === 0 ? other : opened.store).refused(organization, 'KEY_DISABLED', 'r-1' as RequestId),
    ),
  );
  expect(await opened.store.status(story.name)).toMatchObject({
    posture: 'degraded',
    incident: { code: 'KEY_DISABLED', refusals: 300 },
  });
  await Promise.all([opened.store.answered(organization), other.answered(organization)]);
  expect(await opened.store.status(story.name)).toMatchObject({
    posture: 'degraded',
    incident: { answeredAt: expect.any(String) },
  });
  await opened.store.refused(organization, 'UNWRAP_DENIED', null);
  expect((await opened.store.status(story.name))?.incident).toMatchObject({
    ...{ code: 'KEY_DISABLED', refusals: 301, answeredAt: null },
  });
});

test('a success that follows a refusal in the same process is known to be later', async () => {
  const story = await Story.created(opened.store);
  const [, , last] = [
    opened.store.refused(story.organization, 'KEY_DISABLED', null),
    opened.store.refused(story.organization, 'KEY_DISABLED', null),
    opened.store.answered(story.organization),
  ];
  await last;
  expect((await opened.store.status(story.name))?.incident?.answeredAt).not.toBeNull();
});

test('each minute’s usage is one ledger entry over its rows, once', async () => {
  const story = await Story.created(opened.store);
  const { organization } = story;
  const use = (operations: number) =>
    opened.store.usage([
      {
        organization,
        keyRef: 'k' as KeyRef,
        requestId: `r${operations}` as RequestId,
        purpose: 'mixed',
        operations,
      },
    ]);
  await Promise.all([use(3), use(4), use(5)]);
  await opened.sql(
    `INSERT INTO usage (organization_id, at, key_ref, purpose, operations)
     VALUES ($1, now() - interval '7 minutes', 'k', 'encrypt', 10), ($1, now() - interval '7 minutes', 'k', 'decrypt', 20)`,
    [organization],
  );
  const usageEntries = async () =>
    (await opened.store.ledgerLines(organization, 0, 100))
      .map(({ entry }) => JSON.parse(entry) as { type: string; body: Record<string, unknown> })
      .filter(({ type }) => type === 'usage');

  const far = instantOf(msOf(await opened.store.now()) + 3_600_000);
  // The present minute isn't over, whatever is asked.
  await opened.store.rollUpUsage(far);
  const past = (await usageEntries()).filter(({ body }) => body['operations'] === 30);
  expect(past).toHaveLength(1);
  expect(past[0]?.body).toMatchObject({ calls: 2 });
  const count = (await usageEntries()).length;
  await Promise.all([opened.store.rollUpUsage(far), opened.another().rollUpUsage(far)]);
  expect((await usageEntries()).filter(({ body }) => body['operations'] === 30)).toHaveLength(1);
  expect(count).toBeGreaterThanOrEqual(1);

  const rows = await opened.sql<{ at: Date; key_ref: string; purpose: string; operations: number }>(
    'SELECT at, key_ref, purpose, operations FROM usage WHERE organization_id = $1 AND operations IN (10, 20) ORDER BY id',
    [organization],
  );
  const leaves = rows.map((row) =>
    leafHash(nodeSuite, usageLeaf({ ...row, keyRef: row.key_ref, requestId: null })),
  );
  const root = Buffer.from(rootOfLeaves(nodeSuite, concatHashes(leaves))).toString('hex');
  expect(past[0]?.body['root']).toBe(root);
});

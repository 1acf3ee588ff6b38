import { canonicalJson, type JsonObject } from '../../domain/canonical';
import { type Instant, instantOf, type KeyRef, msOf, type RequestId } from '../../domain/ids';
import { nodeSuite } from '../../ledger/node/suite';
import { minuteOf, usageRoot } from '../../ledger/verify/check-usage';
import { type Opened, openStore } from './support/opened';
import { Story } from './support/story';

let opened: Opened;
let story: Story;
let now: Instant;
beforeAll(async () => {
  opened = await openStore();
  story = await Story.created(opened.store);
  const other = await Story.created(opened.store);
  now = await opened.store.now();
  // Rows of past minutes, written by turns as by several processes: 3, 2, 1 of them, 10, 9 and 8 minutes ago.
  const minutesAgo = [10, 9, 10, 8, 9, 10];
  for (const { organization } of [story, other]) {
    for (const [i, minutes] of minutesAgo.entries()) {
      await opened.sql(
        `INSERT INTO usage (organization_id, at, key_ref, request_id, purpose, operations)
         VALUES ($1, date_trunc('minute', $2::timestamptz) - make_interval(mins => $3) + interval '7.123 s', 'k', $4, 'mixed', $5)`,
        [organization, now, minutes, `request-${i}`, i],
      );
    }
  }
  await opened.store.rollUpUsage(now);
  await opened.store.usage([
    {
      organization: story.organization,
      keyRef: 'k' as KeyRef,
      requestId: 'of this minute' as RequestId,
      purpose: 'encrypt',
      operations: 1,
    },
  ]);
});
afterAll(() => opened.close());

const ago = (minutes: number) => instantOf(msOf(now) - (msOf(now) % 60_000) - minutes * 60_000);
const read = (limit: number, before: Instant | null = null) =>
  opened.store.usageRows(story.organization, { before, limit });
const idsOf = (rows: readonly JsonObject[]) =>
  rows.map(({ requestId }) => String(requestId).slice(-1)).join('');

test('a minute’s rows are just those that its ledger entry’s root is over', async () => {
  const rows = await read(1000);
  expect(idsOf(rows)).toBe('012345');
  const lines = await opened.store.ledgerLines(story.organization, 0, 1000);
  const entries = lines
    .map(({ entry }) => JSON.parse(entry) as { type: string; body: Record<string, unknown> })
    .filter(({ type }) => type === 'usage');
  expect(entries).toHaveLength(3);
  for (const { body } of entries) {
    const own = rows.filter((row) => minuteOf(row) === body['minute']).map((row) => canonicalJson(row));
    expect([own.length, usageRoot(nodeSuite, own)]).toEqual([body['calls'], body['root']]);
  }
});

test('as many of the newest whole minutes as fit, and never a part of one', async () => {
  for (const [limit, ids] of [
    [6, '012345'],
    [5, '134'],
    [3, '134'],
    [2, '3'],
    [1, '3'],
  ] as const)
    expect([limit, idsOf(await read(limit))]).toEqual([limit, ids]);
});

test('or those that end before an instant', async () => {
  expect(idsOf(await read(1000, ago(8)))).toBe('01245');
  expect(idsOf(await read(2, ago(8)))).toBe('14');
  // Not over by then.
  expect(idsOf(await read(1000, instantOf(msOf(ago(8)) - 1)))).toBe('025');
  expect(await read(2, ago(9))).toEqual([]);
});

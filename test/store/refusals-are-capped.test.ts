import { SYSTEM } from '../../domain/actor';
import type { RefusalSubject } from '../../domain/change';
import type { Code } from '../../domain/codes';
import { instantOf, type OrganizationId } from '../../domain/ids';
import { openDatabase } from '../../store/database';
import { flushRefusalsIn } from '../../store/refusals';
import { type Opened, openStore } from './support/opened';
import { refused, Story } from './support/story';

let opened: Opened;
beforeAll(async () => {
  opened = await openStore();
});
afterAll(() => opened.close());

const refuse = (story: Story, subject: RefusalSubject = 'approval', code: Code = 'APPROVAL_EXPIRED') =>
  opened.store.recordRefusal({ organization: story.organization, subject, code, actor: SYSTEM });

async function entries(story: Story, subject: RefusalSubject = 'approval') {
  const lines = await opened.store.ledgerLines(story.organization, 0, 1_000);
  return lines
    .map(
      ({ entry }) =>
        JSON.parse(entry) as { type: string; body: { subject: string; code: string; count: number } },
    )
    .filter(({ type, body }) => type === 'refusal' && body.subject === subject)
    .map(({ body }) => [body.code, body.count]);
}

/** As if the minute were over: the database's own clock is what counts. */
const minutePasses = (story: Story) =>
  opened.sql(`UPDATE refusal_count SET minute = minute - interval '1 minute' WHERE organization_id = $1`, [
    story.organization,
  ]);

test('a thousand in a minute are two entries at most: the first at once, the others when the minute is over', async () => {
  const story = await Story.begin(opened.store);
  // Held to one minute, whichever it is, by a count that is of a later one than now.
  await refuse(story);
  await opened.sql(`UPDATE refusal_count SET minute = minute + interval '1 hour'`);
  await Promise.all(Array.from({ length: 40 }, () => refuse(story)));
  expect(await entries(story)).toEqual([['APPROVAL_EXPIRED', 1]]);

  await opened.sql(`UPDATE refusal_count SET minute = minute - interval '2 hours'`);
  await refuse(story, 'approval', 'APPROVAL_REPLAYED');
  expect(await entries(story)).toEqual([
    ['APPROVAL_EXPIRED', 1],
    ['APPROVAL_EXPIRED', 40],
    ['APPROVAL_REPLAYED', 1],
  ]);
});

test('what is counted is flushed when its minute is over, once', async () => {
  const story = await Story.begin(opened.store);
  await refuse(story);
  await opened.sql(
    `UPDATE refusal_count SET minute = minute + interval '1 hour' WHERE organization_id = $1`,
    [story.organization],
  );
  await refuse(story);
  await refuse(story);
  await opened.store.flushRefusals();
  expect(await entries(story)).toEqual([['APPROVAL_EXPIRED', 1]]);
  await opened.sql(
    `UPDATE refusal_count SET minute = minute - interval '2 hours' WHERE organization_id = $1`,
    [story.organization],
  );
  expect(await opened.store.flushRefusals()).toBe(1);
  expect(await opened.store.flushRefusals()).toBe(0);
  expect(await entries(story)).toEqual([
    ['APPROVAL_EXPIRED', 1],
    ['APPROVAL_EXPIRED', 2],
  ]);
});

test('a clock that comes back to a flushed minute does no harm', async () => {
  const story = await Story.begin(opened.store);
  const database = openDatabase(opened.appUrl, { warn: () => undefined });
  const flush = () =>
    database.transactions.write((tx) =>
      flushRefusalsIn(tx, story.organization, instantOf(Date.parse('2999-01-01T00:00:00Z'))),
    );
  try {
    await refuse(story);
    await opened.sql(
      `UPDATE refusal_count SET minute = minute + interval '1 hour' WHERE organization_id = $1`,
      [story.organization],
    );
    for (const _ of [1, 2]) {
      await refuse(story);
      expect(await flush()).toBe(1);
    }
  } finally {
    await database.close();
  }
});

test('subjects and organizations are counted apart', async () => {
  const [one, other] = [await Story.begin(opened.store), await Story.begin(opened.store)];
  await Promise.all([refuse(one), refuse(one, 'order', 'ORDER_EXPIRED'), refuse(other)]);
  await minutePasses(one);
  expect(await entries(one)).toHaveLength(1);
  expect(await entries(one, 'order')).toEqual([['ORDER_EXPIRED', 1]]);
  expect(await entries(other)).toHaveLength(1);
});

test('an organization that isn’t there has no ledger to write it to', async () => {
  const organization = '00000000-0000-4000-8000-000000000000' as OrganizationId;
  await expect(
    opened.store.recordRefusal({ organization, subject: 'order', code: 'ORDER_EXPIRED', actor: SYSTEM }),
  ).rejects.toEqual(refused('ORGANIZATION_UNKNOWN'));
});

import { Client } from 'pg';
import { SYSTEM } from '../../domain/actor';
import type { ProviderCode } from '../../domain/codes';
import { type IncidentId, instantOf, type KeyVersion, type RequestId } from '../../domain/ids';
import type { OwnerOf } from '../../store';
import { answerLost, lostBefore } from './support/faults';
import { type Opened, openStore } from './support/opened';
import { refused, Story } from './support/story';

let opened: Opened;
beforeAll(async () => {
  opened = await openStore();
});
afterAll(() => opened.close());
// Whatever another test's story has left.
beforeEach(() => record());

type Body = Record<string, unknown>;
const entriesOf = async (story: Story, ...types: string[]): Promise<[string, Body][]> =>
  (await opened.store.ledgerLines(story.organization, 0, 1_000))
    .map(({ entry }) => JSON.parse(entry) as { type: string; body: Body })
    .filter(({ type, body }) => types.includes(type) || types.includes(String(body['subject'])))
    .map(({ type, body }) => [type, body]);
const incidentEntries = (story: Story) => entriesOf(story, 'incident-opened', 'incident-closed');
const refuse = (story: Story, code: ProviderCode = 'KEY_DISABLED', store = opened.store) =>
  store.refused(story.organization, code, 'r-1' as RequestId);
/** Whoever asks is told that it's the customer's; who is told what is judged where it's decided. */
const record = (store = opened.store, ownerOf: OwnerOf = async () => 'customer') =>
  store.recordIncidents(ownerOf);
const PROOF = { versions: [1 as KeyVersion], findings: [] };
/** As a recovery does, once everything is proved. */
async function resume(story: Story): Promise<boolean> {
  const open = await opened.store.openIncident(story.organization);
  if (open === null) throw new Error('none is open');
  await opened.store.answered(story.organization);
  const since = instantOf(Date.parse(await opened.store.now()) + 1);
  return opened.store.closeIncident(story.organization, open.id, since, PROOF);
}

/** As if it were two minutes later: the database's clock is what counts. */
async function timePasses(story: Story): Promise<void> {
  await opened.sql('ALTER TABLE incident DISABLE TRIGGER keeps_to_its_entries');
  await opened.sql(
    `UPDATE incident SET closed_at = closed_at - interval '2 minutes' WHERE organization_id = $1`,
    [story.organization],
  );
  await opened.sql('ALTER TABLE incident ENABLE ALWAYS TRIGGER keeps_to_its_entries');
  await opened.sql(
    `UPDATE content_refusal SET minute = minute - interval '2 minutes' WHERE organization_id = $1`,
    [story.organization],
  );
}

test('opening and closing are an entry each, with the database’s times', async () => {
  const story = await Story.created(opened.store);
  await refuse(story);
  await record();
  const [[type, body] = ['', {}]] = await incidentEntries(story);
  const incident = (await opened.store.status(story.name))?.incident;
  expect([type, body]).toEqual([
    'incident-opened',
    {
      ...{ incident: incident?.id, code: 'KEY_DISABLED', owner: 'customer', requestId: 'r-1' },
      firstRefusalAt: incident?.firstRefusalAt,
    },
  ]);
  await Promise.all([
    refuse(story),
    refuse(story, 'UNWRAP_DENIED'),
    opened.store.probeRefused(story.organization, 'KEY_DISABLED', null),
  ]);
  await resume(story);
  // It may yet go on: a minute is waited for.
  await record();
  expect(await incidentEntries(story)).toHaveLength(1);
  await timePasses(story);
  expect(await record()).toBe(1);
  const [row] = await opened.sql<{ last_refusal_at: Date; answered_at: Date; closed_at: Date }>(
    'SELECT last_refusal_at, answered_at, closed_at FROM incident WHERE organization_id = $1',
    [story.organization],
  );
  expect((await incidentEntries(story)).at(-1)).toEqual([
    'incident-closed',
    {
      ...{ incident: incident?.id, code: 'KEY_DISABLED', owner: 'customer' },
      firstRefusalAt: incident?.firstRefusalAt,
      ...{ refusals: 3, probes: 1, detectedAt: null, proved: PROOF },
      answeredAt: row?.answered_at.toISOString(),
      lastRefusalAt: row?.last_refusal_at.toISOString(),
      closedAt: row?.closed_at.toISOString(),
    },
  ]);
  expect(await opened.store.auditRows()).toEqual([]);
});

test('who can mend it is asked outside the transaction, and stands from then on in row, entry and status', async () => {
  const story = await Story.created(opened.store);
  const owner = async () => (await opened.store.status(story.name))?.incident?.owner;
  const asked: Parameters<OwnerOf>[0][] = [];
  await refuse(story, 'ROLE_ASSUME_DENIED');
  expect(await owner()).toBeNull();
  // Whoever is asked may take its time: refusals are counted meanwhile, and the ledger is written.
  const found = record(opened.store, async (incident) => {
    asked.push(incident);
    await refuse(story, 'ROLE_ASSUME_DENIED');
    await opened.store.recordRefusal({
      ...({ organization: story.organization, subject: 'verification', code: 'NOT_READY' } as const),
      actor: SYSTEM,
    });
    return 'operator';
  });
  expect(await found).toBe(1);
  expect(asked).toEqual([{ connection: null, code: 'ROLE_ASSUME_DENIED', isOver: false }]);
  expect(await incidentEntries(story)).toMatchObject([['incident-opened', { owner: 'operator' }]]);
  expect(await owner()).toBe('operator');
  await record(opened.store, async () => 'customer');
  expect(await owner()).toBe('operator');
  await expect(
    opened.sql(`UPDATE incident SET owner = 'customer' WHERE organization_id = $1`, [story.organization]),
  ).rejects.toThrow(/the ledger has it/);
  expect(await opened.store.auditRows()).toEqual([]);
});

test('one that nobody can be asked about waits for the next round; one that is over is told so', async () => {
  const story = await Story.created(opened.store);
  await refuse(story);
  await expect(
    record(opened.store, async () => {
      throw new Error('no answer');
    }),
  ).rejects.toThrow('no answer');
  expect(await incidentEntries(story)).toEqual([]);
  await resume(story);
  const over: boolean[] = [];
  await record(opened.store, async ({ isOver }) => {
    over.push(isOver);
    return 'customer';
  });
  expect(over).toEqual([true]);
  expect(await incidentEntries(story)).toHaveLength(1);
});

test('the connection in use is what it’s compared by', async () => {
  const story = await Story.at(opened.store, 'handoff');
  await refuse(story);
  const asked: unknown[] = [];
  await record(opened.store, async ({ connection }) => {
    asked.push(connection?.provider);
    return 'customer';
  });
  expect(asked).toEqual(['aws-kms']);
});

test('exactly once: by several processes at once, with transactions lost and their answers lost', async () => {
  const story = await Story.created(opened.store);
  await refuse(story);
  await resume(story);
  await timePasses(story);
  await expect(record(opened.another(lostBefore()))).rejects.toThrow();
  await expect(opened.another(lostBefore()).flushRefusals()).rejects.toThrow();
  await expect(record(opened.another(answerLost()))).rejects.toThrow();
  await expect(opened.another(answerLost()).flushRefusals()).rejects.toThrow();
  const [one, two] = [opened.another(), opened.another()];
  await Promise.all([...[record(one), record(two)], ...[one.flushRefusals(), two.flushRefusals()]]);
  expect((await incidentEntries(story)).map(([type]) => type)).toEqual([
    'incident-opened',
    'incident-closed',
  ]);
  expect(await entriesOf(story, 'content')).toHaveLength(1);
});

test('a key that refuses and answers by turns, thousands of times, is one incident and bounded work', async () => {
  const story = await Story.created(opened.store);
  const other = opened.another();
  for (let turn = 0; turn < 25; turn += 1) {
    await Promise.all(
      Array.from({ length: 80 }, (_, i) => refuse(story, 'KEY_DISABLED', i % 2 ? opened.store : other)),
    );
    await resume(story);
    await record();
  }
  await timePasses(story);
  await record();
  await opened.store.flushRefusals();
  expect(await incidentEntries(story)).toMatchObject([
    ['incident-opened', { code: 'KEY_DISABLED' }],
    ['incident-closed', { refusals: 2000 }],
  ]);
  const counted = await entriesOf(story, 'content');
  expect(counted.length).toBeLessThanOrEqual(3);
  expect(counted.reduce((sum, [, { count }]) => sum + Number(count), 0)).toBe(2000);
  // An hour later it's another one.
  await refuse(story);
  await record();
  expect(await incidentEntries(story)).toHaveLength(3);
});

test('another code is another incident; while one is open it is counted into that', async () => {
  const story = await Story.created(opened.store);
  await refuse(story);
  await resume(story);
  await refuse(story, 'UNWRAP_DENIED');
  await refuse(story);
  await record();
  expect(await incidentEntries(story)).toMatchObject([
    ['incident-opened', { code: 'KEY_DISABLED' }],
    ['incident-opened', { code: 'UNWRAP_DENIED' }],
  ]);
  expect((await opened.store.status(story.name))?.incident).toMatchObject({
    code: 'UNWRAP_DENIED',
    refusals: 2,
  });
});

test('refused content is counted by minute and code, once the minute is over', async () => {
  const story = await Story.created(opened.store);
  await Promise.all(
    [...Array(5).fill('KEY_DISABLED'), ...Array(3).fill('THROTTLED')].map((code) => refuse(story, code)),
  );
  await opened.sql(
    `UPDATE content_refusal SET minute = date_trunc('minute', clock_timestamp() + interval '1 minute')
     WHERE organization_id = $1`,
    [story.organization],
  );
  await opened.store.flushRefusals();
  expect(await entriesOf(story, 'content')).toEqual([]);
  await timePasses(story);
  await opened.store.flushRefusals();
  const minute = expect.stringMatching(/:00\.000Z$/);
  const entry = (code: string, count: number) => ['refusal', { subject: 'content', code, count, minute }];
  expect(await entriesOf(story, 'content')).toEqual([entry('KEY_DISABLED', 5), entry('THROTTLED', 3)]);
  // A statement that was under way when its minute was written.
  await opened.sql(
    `UPDATE content_refusal SET refusals = refusals + 2 WHERE organization_id = $1 AND code = 'THROTTLED'`,
    [story.organization],
  );
  await opened.store.flushRefusals();
  expect((await entriesOf(story, 'content')).slice(2)).toEqual([entry('THROTTLED', 2)]);
  await opened.store.flushRefusals();
  expect(await entriesOf(story, 'content')).toHaveLength(3);
});

test('a refusal waits for no ledger: a writer may hold its head', async () => {
  const story = await Story.created(opened.store);
  const writer = new Client({ connectionString: opened.appUrl });
  await writer.connect();
  try {
    await writer.query('BEGIN');
    await writer.query('SELECT * FROM lock_ledger($1, $2)', [story.organization, '']);
    await refuse(story);
    await resume(story);
    await refuse(story);
    expect((await opened.store.status(story.name))?.incident).toMatchObject({ refusals: 2 });
  } finally {
    await writer.end();
  }
});

test('an incident in the ledger can’t be rewritten, and the audit finds one that was, or that is gone', async () => {
  const story = await Story.created(opened.store);
  await refuse(story);
  await resume(story);
  await timePasses(story);
  await record();
  const where = 'WHERE organization_id = $1';
  const own = [story.organization];
  await expect(opened.sql(`UPDATE incident SET refusals = 1000 ${where}`, own)).rejects.toThrow(
    /the ledger has it/,
  );
  const found = async () =>
    (await opened.store.auditRows()).filter(({ organization }) => organization === story.organization);
  expect(await found()).toEqual([]);
  await opened.sql('ALTER TABLE incident DISABLE TRIGGER USER');
  await opened.sql(`UPDATE incident SET refusals = 1000 ${where}`, own);
  expect(await found()).toMatchObject([
    { table: 'incident', why: expect.stringContaining('incident-closed') },
  ]);
  await opened.sql(`DELETE FROM incident ${where}`, own);
  expect(await found()).toMatchObject([{ why: 'recorded, and gone' }, { why: 'recorded, and gone' }]);
  await opened.sql('ALTER TABLE incident ENABLE ALWAYS TRIGGER never_removed');
  await opened.sql('ALTER TABLE incident ENABLE ALWAYS TRIGGER keeps_to_its_entries');
});

test('nobody commits an incident’s entry', async () => {
  const story = await Story.created(opened.store);
  const at = await opened.store.now();
  const change = {
    type: 'incident-opened',
    incident: '1' as IncidentId,
    code: 'KEY_DISABLED',
    owner: 'customer',
    requestId: null,
    firstRefusalAt: at,
  } as const;
  await expect(opened.store.commit(story.unfenced(change))).rejects.toEqual(refused('STAGE_MISMATCH'));
});

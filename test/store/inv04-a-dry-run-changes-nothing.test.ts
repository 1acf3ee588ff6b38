import { Client } from 'pg';
import { openDatabase } from '../../store/database';
import { HeldLedger } from '../../store/ledger/held-ledger';
import { readPlanFacts } from '../../store/queries/plan-facts';
import { DEPLOYMENT, type Opened, openStore } from './support/opened';
import { refused, Story } from './support/story';

let opened: Opened;
beforeAll(async () => {
  opened = await openStore();
});
afterAll(() => opened.close());

async function rowsBut(story: Story, besides: readonly string[]): Promise<Record<string, unknown>> {
  const tables = await opened.sql<{ table_name: string }>(
    `SELECT table_name FROM information_schema.columns WHERE column_name = 'organization_id' ORDER BY 1`,
  );
  const seen: Record<string, unknown> = {};
  for (const { table_name } of tables.filter((table) => !besides.includes(table.table_name))) {
    seen[table_name] = await opened.sql(
      `SELECT t::text FROM ${table_name} t WHERE organization_id = $1 ORDER BY 1`,
      [story.organization],
    );
  }
  return seen;
}

test('reading its facts writes nothing; recording it writes its entry, its row and what it points to', async () => {
  const story = await Story.at(opened.store, 'dry-run');
  const all = await rowsBut(story, []);
  await opened.store.planFacts(story.operation.id);
  expect(await rowsBut(story, [])).toEqual(all);

  const own = ['ledger_entry', 'ledger_head', 'dry_run', 'operation'];
  const rest = await rowsBut(story, own);
  const before = await story.current();
  await story.plan();
  expect(await rowsBut(story, own)).toEqual(rest);
  const { dryRunId, planDigest } = story.operation;
  expect({ ...(await story.current()), dryRunId, planDigest }).toEqual({ ...before, dryRunId, planDigest });
});

test('its facts are read in a transaction that PostgreSQL lets write nothing, and sees one moment', async () => {
  const story = await Story.at(opened.store, 'dry-run');
  const database = openDatabase(opened.appUrl, { warn: () => undefined });
  try {
    await expect(
      database.transactions.read(
        (tx) => tx.$executeRaw`INSERT INTO checkpoint VALUES (gen_random_uuid(), 1, '', '')`,
      ),
    ).rejects.toThrow(/read-only transaction/);
    await database.transactions.read(async (tx) => {
      const held = new HeldLedger(opened.signer, DEPLOYMENT);
      const read = () =>
        readPlanFacts(tx, story.operation.id, DEPLOYMENT, (organization) => held.said(tx, organization));
      const first = await read();
      await story.order();
      expect(await read()).toEqual(first);
    });
  } finally {
    await database.close();
  }
});

test('a connection that a writer holds the ledger of doesn’t hold up a dry-run', async () => {
  const story = await Story.at(opened.store, 'dry-run');
  const writer = new Client({ connectionString: opened.appUrl });
  await writer.connect();
  try {
    await writer.query('BEGIN');
    await writer.query('SELECT * FROM lock_ledger($1, $2)', [story.organization, '']);
    expect((await opened.store.planFacts(story.operation.id)).operationId).toBe(story.operation.id);
  } finally {
    await writer.end();
  }
});

test('what is missing is refused by its name', async () => {
  const story = await Story.created(opened.store);
  await story.claim();
  const facts = () => opened.store.planFacts(story.operation.id);
  await expect(facts()).rejects.toEqual(refused('ORDER_MISSING'));
  await story.order();
  await expect(facts()).rejects.toEqual(refused('VERIFICATION_MISSING'));
  await story.confirmEntitlement();
  await story.connect();
  await expect(facts()).rejects.toEqual(refused('VERIFICATION_MISSING'));
  await story.verify();
  await facts();
  await story.order('withdrawal');
  await expect(facts()).rejects.toEqual(refused('ORDER_WITHDRAWN'));
});

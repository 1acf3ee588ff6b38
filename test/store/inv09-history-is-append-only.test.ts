import { Client } from 'pg';
import type { KeyRef } from '../../domain/ids';
import { type Opened, openStore } from './support/opened';
import { Story } from './support/story';

const APPEND_ONLY = [
  'organization',
  'ledger_entry',
  'checkpoint',
  'signed_order',
  'approver_key',
  'approver_removal',
  'connection',
  'verification',
  'dry_run',
  'dry_run_review',
  'approval',
  'operator_approval',
  'reference_registration',
  'reference_confirmation',
  'reference_withdrawal',
  'notice_endpoint',
  'notice_endpoint_removal',
  'maintenance_window',
  'maintenance_cancellation',
  'incident_note',
  'key_version',
  'statement',
  'handoff',
  'usage',
  'usage_minute',
  'spent_token',
];
/** Rows that move on, and never go. */
const NEVER_REMOVED = [
  'checkpoint_push',
  'drift',
  'ledger_head',
  'operation',
  'envelope',
  'custody',
  'platform_key',
  'incident',
  'content_refusal',
  'api_token',
  'rotation_due',
];

let opened: Opened;
let app: Client;
let owner: Client;
let story: Story;
beforeAll(async () => {
  opened = await openStore();
  app = new Client({ connectionString: opened.appUrl });
  owner = new Client({ connectionString: opened.ownerUrl });
  await Promise.all([app.connect(), owner.connect()]);
  story = await Story.at(opened.store, 'handoff');
  await story.handOff();
  await opened.store.usage([
    {
      organization: story.organization,
      keyRef: 'k' as KeyRef,
      requestId: null,
      purpose: 'encrypt',
      operations: 1,
    },
  ]);
});
afterAll(async () => {
  await Promise.all([app.end(), owner.end()]);
  await opened.close();
});

async function firstColumn(table: string): Promise<string> {
  const rows = await opened.sql<{ column_name: string }>(
    `SELECT column_name FROM information_schema.columns WHERE table_name = $1 ORDER BY ordinal_position`,
    [table],
  );
  return rows[0]?.column_name ?? '';
}

describe.each(APPEND_ONLY)('%s', (table) => {
  test.each(['application', 'owner'])('can’t be changed, emptied or thinned out by the %s', async (who) => {
    const client = who === 'owner' ? owner : app;
    const column = await firstColumn(table);
    const refusal = who === 'owner' ? /append-only/ : /permission denied/;
    await expect(client.query(`UPDATE ${table} SET ${column} = ${column}`)).rejects.toThrow(refusal);
    await expect(client.query(`DELETE FROM ${table}`)).rejects.toThrow(refusal);
    await expect(client.query(`TRUNCATE ${table} CASCADE`)).rejects.toThrow(refusal);
  });
});

describe.each(NEVER_REMOVED)('%s', (table) => {
  test.each(['application', 'owner'])('loses no row to the %s', async (who) => {
    const client = who === 'owner' ? owner : app;
    const refusal = who === 'owner' ? /append-only/ : /permission denied/;
    await expect(client.query(`DELETE FROM ${table}`)).rejects.toThrow(refusal);
    await expect(client.query(`TRUNCATE ${table} CASCADE`)).rejects.toThrow(refusal);
  });
});

test('every table is one of these, or the count of refusals that aren’t in the ledger yet', async () => {
  const rows = await opened.sql<{ tablename: string }>(
    `SELECT tablename FROM pg_tables WHERE schemaname = 'public'`,
  );
  const known = [...APPEND_ONLY, ...NEVER_REMOVED, 'refusal_count', 'probe', 'sweep', '_prisma_migrations'];
  expect(rows.map(({ tablename }) => tablename).sort()).toEqual(known.sort());
});

test('playing replica doesn’t switch the triggers off', async () => {
  await owner.query(`SET session_replication_role = replica`);
  try {
    await expect(owner.query('DELETE FROM ledger_entry')).rejects.toThrow(/append-only/);
    await expect(owner.query(`UPDATE envelope SET wrapped = NULL`)).rejects.toThrow(/envelope stays/);
  } finally {
    await owner.query(`SET session_replication_role = origin`);
  }
});

test('the application owns nothing, makes nothing, and can’t switch a trigger off', async () => {
  const owned = await opened.sql(`
    SELECT 1 FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner WHERE r.rolname IN ('smsk', 'smsk_app')`);
  expect(owned).toEqual([]);
  await expect(app.query('CREATE TABLE mine (id int)')).rejects.toThrow(/permission denied/);
  await expect(app.query('ALTER TABLE ledger_entry DISABLE TRIGGER ALL')).rejects.toThrow(/must be owner/);
  await expect(app.query(`SET session_replication_role = replica`)).rejects.toThrow(/permission denied/);
  await expect(app.query('DROP TABLE ledger_entry')).rejects.toThrow(/must be owner/);
});

test('the application can’t rewrite what identifies an operation, an incident, a token or a platform key', async () => {
  for (const assignment of [
    `operation SET kind = 'create'`,
    `operation SET organization_id = gen_random_uuid()`,
    `incident SET code = 'x'`,
    `api_token SET role = 'support'`,
    `platform_key SET key_ref = 'x'`,
    `envelope SET wrapped = NULL`,
    `custody SET organization_id = gen_random_uuid()`,
  ]) {
    await expect(app.query(`UPDATE ${assignment}`)).rejects.toThrow(/permission denied/);
  }
});

test('the head moves on by one entry at a time, and never back', async () => {
  const by = (step: number) =>
    app.query('UPDATE ledger_head SET size = size + $1 WHERE organization_id = $2', [
      step,
      story.organization,
    ]);
  await expect(by(-1)).rejects.toThrow(/one entry at a time/);
  await expect(by(2)).rejects.toThrow(/one entry at a time/);
});

test('a forged row is found: envelope, key version, custody', async () => {
  expect(await opened.store.auditRows()).toEqual([]);
  const org = story.organization;
  await opened.sql(
    `INSERT INTO envelope SELECT organization_id, repeat('f', 64), version, custody, connection_id, wrapped, key_ref,
       check_value, minted, gen_random_uuid(), epoch, statement, ledger_index, NULL
     FROM envelope WHERE organization_id = $1 AND custody = 'customer' AND version = 2`,
    [org],
  );
  await opened.sql(
    `INSERT INTO key_version SELECT organization_id, 9, check_value, operation_id, ledger_index
     FROM key_version WHERE organization_id = $1 AND version = 2`,
    [org],
  );
  await opened.sql(`UPDATE custody SET current_version = 1 WHERE organization_id = $1`, [org]);
  const found = await opened.store.auditRows();
  expect(new Set(found.map(({ table }) => table))).toEqual(new Set(['envelope', 'key_version', 'custody']));
  expect(found.map(({ row }) => row)).toEqual(expect.arrayContaining(['f'.repeat(64), '9', 'customer']));
});

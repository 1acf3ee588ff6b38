import { Client } from 'pg';
import { migrationNames } from '../../prisma/migrate';
import { freshDatabase, type TestDatabase } from '../harness/database';

const databases: TestDatabase[] = [];
afterEach(async () => {
  await Promise.all(databases.splice(0).map((database) => database.drop()));
});

async function fresh(): Promise<TestDatabase> {
  const database = await freshDatabase();
  databases.push(database);
  return database;
}

async function rows(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query(sql)).rows as Record<string, unknown>[];
  } finally {
    await client.end();
  }
}

test('a fresh database has had every migration', async () => {
  const { ownerUrl } = await fresh();
  const applied = await rows(
    ownerUrl,
    'SELECT migration_name FROM _prisma_migrations WHERE finished_at IS NOT NULL ORDER BY 1',
  );
  expect(applied.map((row) => row['migration_name'])).toEqual(migrationNames());
});

test('two fresh databases know nothing of each other', async () => {
  const [one, other] = await Promise.all([fresh(), fresh()]);
  await rows(one.ownerUrl, 'CREATE TABLE only_here (id int)');
  const found = await rows(other.url, "SELECT to_regclass('only_here')::text AS found");
  expect(found).toEqual([{ found: null }]);
});

test('the application can write rows but not tables, and own nothing', async () => {
  const { url } = await fresh();
  expect(await rows(url, "SELECT has_table_privilege('operation', 'INSERT') AS may")).toEqual([
    { may: true },
  ]);
  expect(await rows(url, "SELECT has_table_privilege('operation', 'TRUNCATE') AS may")).toEqual([
    { may: false },
  ]);
  await expect(rows(url, 'CREATE TABLE mine (id int)')).rejects.toThrow(/permission denied/);
});

test('dropping one ends its open connections', async () => {
  const database = await freshDatabase();
  const client = new Client({ connectionString: database.url });
  const ended = new Promise((resolve) => client.once('end', resolve));
  client.on('error', () => undefined);
  await client.connect();
  await database.drop();
  await ended;
  await expect(rows(database.url, 'SELECT 1')).rejects.toThrow(/does not exist/);
});

import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { drift } from '../../prisma/drift';
import { migrate } from '../../prisma/migrate';
import { freshDatabase, type TestDatabase } from '../harness/database';
import { execute, withDatabase } from '../harness/template';

let folder: string;
let database: TestDatabase;
let empty: string;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'migrations-'));
  cpSync(join(__dirname, '../../prisma/migrations/migration_lock.toml'), join(folder, 'migration_lock.toml'));
  database = await freshDatabase();
  empty = withDatabase(database.adminUrl, `empty_${process.pid}`);
  await execute(database.adminUrl, `CREATE DATABASE empty_${process.pid}`);
});
afterEach(async () => {
  await execute(database.adminUrl, `DROP DATABASE empty_${process.pid} WITH (FORCE)`);
  await database.drop();
  rmSync(folder, { recursive: true });
});

function add(name: string, sql: string): void {
  mkdirSync(join(folder, name));
  writeFileSync(join(folder, name, 'migration.sql'), sql);
}

async function rows(sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: empty });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

test('the migrations lead to what schema.prisma says', async () => {
  expect(await drift(database.ownerUrl)).toBe('');
});

test('a table that schema.prisma does not name is seen', async () => {
  await execute(database.ownerUrl, 'CREATE TABLE stray (id int PRIMARY KEY)');
  expect(await drift(database.ownerUrl)).toContain('DROP TABLE "stray"');
});

test('migrations are applied once, in the order of their names', async () => {
  add('20260102000000_second', 'INSERT INTO notes VALUES (1)');
  add('20260101000000_first', 'CREATE TABLE notes (id int)');
  expect(await migrate(empty, folder)).toEqual(['20260101000000_first', '20260102000000_second']);
  add('20260103000000_third', 'INSERT INTO notes VALUES (2)');
  expect(await migrate(empty, folder)).toEqual(['20260103000000_third']);
  expect(await migrate(empty, folder)).toEqual([]);
  expect(await rows('SELECT id FROM notes ORDER BY id')).toEqual([{ id: 1 }, { id: 2 }]);
});

test('semicolons inside a function body do not end the statement', async () => {
  add(
    '20260101000000_function',
    'CREATE FUNCTION twice(n int) RETURNS int LANGUAGE plpgsql AS $$ DECLARE r int; BEGIN r := n; RETURN r * 2; END $$;',
  );
  await migrate(empty, folder);
  expect(await rows('SELECT twice(21)')).toEqual([{ twice: 42 }]);
});

test('a failing migration is named, changes nothing, and blocks those after it', async () => {
  add('20260101000000_fails', 'CREATE TABLE half (id int); SELECT no_such_function();');
  await expect(migrate(empty, folder)).rejects.toThrow(/no_such_function[\s\S]*20260101000000_fails/);
  expect(await rows("SELECT to_regclass('half')::text AS half")).toEqual([{ half: null }]);
  await expect(migrate(empty, folder)).rejects.toThrow(/20260101000000_fails/);
});

test('two that migrate at once do it once', async () => {
  add('20260101000000_first', 'CREATE TABLE notes (id int)');
  const applied = await Promise.all([migrate(empty, folder), migrate(empty, folder)]);
  expect(applied.flat()).toEqual(['20260101000000_first']);
});

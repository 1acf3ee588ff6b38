import { chmodSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { processIdentity } from '../../scripts/parts/identity';
import { freePort } from '../../scripts/parts/ports';
import { type Postgres, startPostgres } from '../../scripts/parts/postgres';
import { removeState } from '../../scripts/parts/state';
import { optional } from '../harness/optional';

let stateDir: string;
const running: Postgres[] = [];
beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'postgres-'));
});
afterEach(async () => {
  for (const postgres of running.splice(0)) await postgres.stop();
  removeState(stateDir);
});

async function start(durable = true): Promise<Postgres> {
  const postgres = await startPostgres({ stateDir, durable });
  running.push(postgres);
  return postgres;
}

async function ask(url: string, sql: string): Promise<Record<string, unknown> | undefined> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query(sql)).rows[0] as Record<string, unknown> | undefined;
  } finally {
    await client.end();
  }
}

test('what was committed is there after kill -9 and a second start', async () => {
  const first = await start();
  await ask(first.adminUrl, 'CREATE TABLE kept AS SELECT 42 AS answer');
  process.kill(first.pid, 'SIGKILL');
  await first.exited;
  const second = await start();
  expect(await ask(second.adminUrl, 'SELECT answer FROM kept')).toEqual({ answer: 42 });
});

test('an orphan whose starter is gone is shut down first', async () => {
  const orphan = await start();
  const second = await start();
  expect(await orphan.exited).toBe('exit code 0');
  expect(processIdentity(orphan.pid)).toBeUndefined();
  expect(await ask(second.adminUrl, 'SELECT 1 AS one')).toEqual({ one: 1 });
});

test("a killed one's pid in a stranger's hands doesn't keep it from starting", async () => {
  const first = await start();
  process.kill(first.pid, 'SIGKILL');
  await first.exited;
  const lock = join(first.dataDir, 'postmaster.pid');
  const [, ...rest] = readFileSync(lock, 'utf8').split('\n');
  writeFileSync(lock, [process.pid, ...rest].join('\n'));
  const second = await start();
  expect(await ask(second.adminUrl, 'SELECT 1 AS one')).toEqual({ one: 1 });
});

test.each([
  [true, 'on'],
  [false, 'off'],
])('durable %s means fsync %s', async (durable, fsync) => {
  const { adminUrl } = await start(durable);
  expect(await ask(adminUrl, 'SHOW fsync')).toEqual({ fsync });
});

test('a half-made cluster is made anew', async () => {
  const first = await start(false);
  await first.stop();
  rmSync(join(first.dataDir, 'PG_VERSION'));
  renameSync(first.dataDir, `${first.dataDir}.new`);
  const second = await start(false);
  expect(await ask(second.adminUrl, 'SELECT 1 AS one')).toEqual({ one: 1 });
});

test('it asks for its password', async () => {
  const { adminUrl } = await start(false);
  const wrong = new URL(adminUrl);
  wrong.password = 'guessed';
  await expect(ask(wrong.href, 'SELECT 1')).rejects.toThrow(/password authentication failed/);
});

test('a wanted port that is taken is refused in words', async () => {
  const first = await start(false);
  const other = mkdtempSync(join(tmpdir(), 'postgres-'));
  try {
    const starting = startPostgres({ stateDir: other, port: first.port, durable: false });
    await expect(starting).rejects.toThrow(/could not bind/);
  } finally {
    removeState(other);
  }
});

// Only root runs it as another account, which then can't reach below a private folder.
optional('PostgreSQL for root', process.getuid?.() === 0 ? null : 'run as root', () => {
  test('below a private folder it keeps its data elsewhere', async () => {
    const inside = join(stateDir, 'state');
    chmodSync(stateDir, 0o700);
    const postgres = await startPostgres({ stateDir: inside, port: await freePort(), durable: false });
    const elsewhere = readFileSync(join(inside, 'postgres-elsewhere'), 'utf8');
    try {
      expect(await ask(postgres.adminUrl, 'SELECT 1 AS one')).toEqual({ one: 1 });
      expect(existsSync(elsewhere)).toBe(true);
    } finally {
      await postgres.stop();
      removeState(inside);
    }
    expect(existsSync(elsewhere)).toBe(false);
  });
});

import { createServer } from 'node:net';
import { DatabaseUnavailable } from '../../domain/failure';
import type { OrganizationName } from '../../domain/ids';
import { openDatabase } from '../../store/database';
import { orUnavailable } from '../../store/unavailable';
import { Wire } from '../e2e/deployment/cut';
import { type Opened, openStore } from './support/opened';

/** As the driver and Prisma really say it, so that another version of either can't say it otherwise unnoticed. */
let opened: Opened;
let wire: Wire;
let database: ReturnType<typeof openDatabase>;
beforeAll(async () => {
  opened = await openStore();
  const url = new URL(opened.appUrl);
  wire = await Wire.to(url.host);
  url.host = wire.address;
  database = openDatabase(url.href, { warn: () => undefined });
});
afterAll(async () => {
  await wire.mend();
  await database.close();
  await wire.cut();
  await opened.close();
});
afterEach(() => wire.mend());

type Ask = readonly [string, () => Promise<unknown>];
const ASKED: readonly Ask[] = [
  ['a statement', () => database.pool.query('SELECT pg_sleep(20)')],
  ['a raw query', () => database.prisma.$queryRaw`SELECT 1 FROM pg_sleep(20)`],
  ['a transaction', () => database.transactions.write((tx) => tx.$queryRaw`SELECT 1 FROM pg_sleep(20)`)],
  ['a consistent read', () => database.transactions.read((tx) => tx.$queryRaw`SELECT 1 FROM pg_sleep(20)`)],
];
const isAway = async (asked: Promise<unknown>): Promise<boolean> =>
  asked.then(
    () => false,
    (error: unknown) => orUnavailable(error) instanceof DatabaseUnavailable,
  );
const sleeping = "state = 'active' AND query LIKE '%pg_sleep(20)%' AND pid <> pg_backend_pid()";
async function underWay(): Promise<void> {
  for (;;) {
    const [{ n } = { n: 0 }] = await opened.sql<{ n: number }>(
      `SELECT count(*)::int AS n FROM pg_stat_activity WHERE ${sleeping}`,
    );
    if (n > 0) return;
  }
}

test.each(ASKED)('%s that an administrator ends', async (_, ask) => {
  const asked = isAway(ask());
  await underWay();
  await opened.sql(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE ${sleeping}`);
  expect(await asked).toBe(true);
});

test.each(ASKED)('%s whose connection breaks', async (_, ask) => {
  const asked = isAway(ask());
  await underWay();
  await wire.cut();
  expect(await asked).toBe(true);
});

test.each(ASKED)('%s where nobody listens', async (_, ask) => {
  await wire.cut();
  expect(await isAway(ask())).toBe(true);
});

test('a transaction that finds its connection gone at its next query', async () => {
  const asked = database.transactions.write(async (tx) => {
    await tx.$queryRaw`SELECT 1`;
    await wire.cut();
    await tx.$queryRaw`SELECT 1`;
  });
  expect(await isAway(asked)).toBe(true);
});

test('a server that takes the connection and says nothing; a pool without a connection to spare', async () => {
  const mute = createServer((socket) => socket.on('error', () => undefined));
  await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
  const address = mute.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const hung = openDatabase(`postgres://a:b@127.0.0.1:${address.port}/c`, { warn: () => undefined });
  try {
    const asked = [hung.pool.query('SELECT 1'), hung.prisma.$queryRaw`SELECT 1`];
    // More than the pool holds: the last ones wait for a connection.
    for (let n = 0; n < 12; n += 1) asked.push(hung.pool.query('SELECT 1'));
    expect(await Promise.all(asked.map(isAway))).toEqual(asked.map(() => true));
  } finally {
    await hung.close();
    mute.close();
  }
}, 60_000);

test('a fault of ours isn’t one: the table is gone, and the store says what it always said', async () => {
  await opened.sql('ALTER TABLE organization RENAME TO put_away');
  try {
    const asked = opened.store.organizationByName('nobody' as OrganizationName);
    await expect(asked).rejects.not.toBeInstanceOf(DatabaseUnavailable);
  } finally {
    await opened.sql('ALTER TABLE put_away RENAME TO organization');
  }
});

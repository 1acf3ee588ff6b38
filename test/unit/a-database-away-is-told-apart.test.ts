import { ApplicationFailure } from '@temporalio/common';
import { atEdge } from '../../activities/edge';
import { DatabaseUnavailable } from '../../domain/failure';
import { askOurs } from '../../providers/calls/ask-ours';
import { atDatabaseEdge, orUnavailable } from '../../store/unavailable';

const error = (message: string, more: object = {}): Error => Object.assign(new Error(message), more);
/** As Prisma throws it for what its adapter made of the driver's error. */
const prisma = (code: string, cause?: object): Error =>
  error(`Invalid invocation: ${code}`, { code, meta: cause && { driverAdapterError: { cause } } });
const postgres = (sqlstate: string) => ({ kind: 'postgres', code: sqlstate, originalCode: sqlstate });

/** Each as `pg` and Prisma throw it, and the code of it that is kept. */
const AWAY: readonly (readonly [string, Error, string | null])[] = [
  ['nobody listens', error('connect', { code: 'ECONNREFUSED', syscall: 'connect' }), 'ECONNREFUSED'],
  ['the connection broke', error('read', { code: 'ECONNRESET', syscall: 'read' }), 'ECONNRESET'],
  ['no answer to a connect', error('connect', { code: 'ETIMEDOUT', syscall: 'connect' }), 'ETIMEDOUT'],
  [
    'none of several addresses',
    Object.assign(new AggregateError([error('one')], 'none'), { code: 'ECONNREFUSED' }),
    'ECONNREFUSED',
  ],
  ['an administrator ends it', error('terminating', { code: '57P01', severity: 'FATAL' }), '57P01'],
  ['another process crashed', error('terminating', { code: '57P02', severity: 'FATAL' }), '57P02'],
  ['it starts up', error('starting up', { code: '57P03', severity: 'FATAL' }), '57P03'],
  ['too many connections', error('too many clients', { code: '53300' }), '53300'],
  ['a connection exception', error('connection failure', { code: '08006' }), '08006'],
  ['the pool is exhausted', error('timeout exceeded when trying to connect'), null],
  ['the pool’s connect is late', error('Connection terminated due to connection timeout'), null],
  ['a socket that ended', error('Connection terminated unexpectedly'), null],
  ['a client that broke', error('Client has encountered a connection error and is not queryable'), null],
  ['Prisma: not reached', prisma('P1001', { kind: 'DatabaseNotReachable' }), 'P1001'],
  ['Prisma: late', prisma('P1002'), 'P1002'],
  ['Prisma: timed out', prisma('P1008', { kind: 'SocketTimeout' }), 'P1008'],
  ['Prisma: closed', prisma('P1017', { kind: 'ConnectionClosed' }), 'P1017'],
  ['Prisma: none is free', prisma('P2024'), 'P2024'],
  [
    'Prisma: none for a transaction',
    error('Transaction API error: Unable to start a transaction in the given time.', {
      code: 'P2028',
      meta: {},
    }),
    null,
  ],
  ['raw, not reached', prisma('P2010', { kind: 'DatabaseNotReachable', host: '10.0.0.7' }), null],
  ['raw, ended by an administrator', prisma('P2010', postgres('57P01')), '57P01'],
  [
    'raw, too many connections',
    prisma('P2010', { kind: 'TooManyConnections', originalCode: '53300' }),
    '53300',
  ],
];

/** Faults of a program or of a set-up, and conflicts: whoever gets one of these isn't to wait for PostgreSQL. */
const OURS: readonly (readonly [string, unknown])[] = [
  ['a fault of a program', new TypeError('x is undefined')],
  ['a unique key', error('duplicate', { code: '23505', severity: 'ERROR' })],
  ['a missing table', prisma('P2021', { kind: 'TableDoesNotExist', originalCode: '42P01' })],
  ['a missing grant', prisma('P2010', postgres('42501'))],
  ['a wrong password', prisma('P2010', { kind: 'AuthenticationFailed', originalCode: '28P01' })],
  ['a deadlock', prisma('P2034', { kind: 'TransactionWriteConflict', originalCode: '40P01' })],
  ['a statement that takes too long', error('canceling statement', { code: '57014' })],
  ['a transaction that takes too long', error('Transaction API error: … expired', { code: 'P2028' })],
  ['a full disk', error('could not extend file', { code: '53100' })],
  ['a closed pool', error('Cannot use a pool after calling end on the pool')],
  ['a message that only quotes one', error('said: timeout exceeded when trying to connect')],
  ['nothing', undefined],
  ['a text', 'ECONNREFUSED'],
];

test.each(AWAY)('%s: the database is away, and nothing but a code of it is kept', (_, raw, kept) => {
  const told = orUnavailable(raw);
  expect(told).toBeInstanceOf(DatabaseUnavailable);
  expect(told).toMatchObject({ code: 'DATABASE_UNAVAILABLE', databaseCode: kept });
  expect(JSON.stringify(told) + String(told)).not.toContain(raw.message);
  expect(told).not.toHaveProperty('cause');
});

test.each(OURS)('%s stays what it is', (_, raw) => {
  expect(orUnavailable(raw)).toBe(raw);
});

test('every query of a store passes that edge, and what it answers is as it was', async () => {
  const edge = atDatabaseEdge<{
    asked(n: number): Promise<number>;
    away(): Promise<void>;
    faulty(): Promise<void>;
  }>({
    asked: async (n) => n + 1,
    away: async () => Promise.reject(error('connect', { code: 'ECONNREFUSED' })),
    faulty: async () => Promise.reject(new TypeError('ours')),
  });
  expect(await edge.asked(1)).toBe(2);
  await expect(edge.away()).rejects.toBeInstanceOf(DatabaseUnavailable);
  await expect(edge.faulty()).rejects.toBeInstanceOf(TypeError);
});

test('an activity that meets it is tried again, by its own code, and the log has an event of its own', async () => {
  const logged: object[] = [];
  const log = (fields: object) => void logged.push(fields);
  const reading = async (_: object): Promise<void> => Promise.reject(new DatabaseUnavailable('57P01'));
  const { read } = atEdge({ read: reading }, {
    info: log,
    warn: log,
    error: log,
  } as never);
  const failure: unknown = await read({}).catch((thrown: unknown) => thrown);
  expect(failure).toBeInstanceOf(ApplicationFailure);
  expect(failure).toMatchObject({ type: 'DATABASE_UNAVAILABLE', nonRetryable: false, details: [] });
  // It counts as a failure of ours.
  expect(failure).not.toMatchObject({ category: 'BENIGN' });
  expect(logged).toMatchObject([{ event: 'database.unavailable', activity: 'read', databaseCode: '57P01' }]);
});

test('where a credential’s entry is read, it is no refusal of a provider’s', async () => {
  const asked = (fault: Error) =>
    askOurs(() => Promise.reject(fault), new AbortController().signal, 'CREDENTIAL_UNAVAILABLE');
  await expect(asked(new DatabaseUnavailable())).rejects.toBeInstanceOf(DatabaseUnavailable);
  await expect(asked(new TypeError('ours'))).rejects.toMatchObject({ code: 'CREDENTIAL_UNAVAILABLE' });
});

import { DatabaseUnavailable } from '../domain/failure';

/** PostgreSQL: class 08 connection exceptions; it shuts down, crashed, or starts up; it has no connection left. */
const SQLSTATE = /^(?:08[0-9A-Z]{3}|57P0[123]|53300)$/;
/** The way to it is broken: sockets and name resolution. */
const SYSTEM =
  /^E(?:CONNREFUSED|CONNRESET|CONNABORTED|TIMEDOUT|PIPE|HOSTUNREACH|NETUNREACH|NOTFOUND|AI_AGAIN)$/;
/** Prisma: not reached; reached, and too late; the operation timed out; the connection was closed; none was free. */
const PRISMA = /^P(?:1001|1002|1008|1017|2024|2037)$/;
/** What Prisma's adapter calls them, beside errors whose own code says nothing of them. */
const ADAPTER_KINDS: ReadonlySet<unknown> = new Set([
  'DatabaseNotReachable',
  'ConnectionClosed',
  'SocketTimeout',
  'TooManyConnections',
]);
/** What `pg` and Prisma throw without a code of its own: their whole messages, so that none of another's is meant. */
const MESSAGES: ReadonlySet<unknown> = new Set([
  'timeout exceeded when trying to connect',
  'timeout expired',
  'Connection terminated',
  'Connection terminated unexpectedly',
  'Connection terminated due to connection timeout',
  'Client has encountered a connection error and is not queryable',
  'Client was closed and is not queryable',
  'Transaction API error: Unable to start a transaction in the given time.',
]);

interface Told {
  readonly code?: unknown;
  readonly originalCode?: unknown;
  readonly kind?: unknown;
  readonly message?: unknown;
  readonly meta?: { readonly driverAdapterError?: { readonly cause?: Told } } | null;
}

/**
 * An error of `pg` or Prisma that says that the database can't be reached, as that and nothing else of it; every other
 * one, a fault of ours among them, as it is. The one place that knows them apart.
 */
export function orUnavailable(error: unknown): unknown {
  if (typeof error !== 'object' || error === null) return error;
  const told: Told = error;
  const cause = told.meta?.driverAdapterError?.cause;
  const code = [told.code, cause?.originalCode, cause?.code].find(isUnavailable);
  const isSo = code !== undefined || ADAPTER_KINDS.has(cause?.kind) || MESSAGES.has(told.message);
  return isSo ? new DatabaseUnavailable(code ?? null) : error;
}

const isUnavailable = (code: unknown): code is string =>
  typeof code === 'string' && [SQLSTATE, SYSTEM, PRISMA].some((known) => known.test(code));

type Query = (...input: never[]) => Promise<unknown>;

/** The edge that every error of the database passes. */
export function atDatabaseEdge<T extends { [K in keyof T]: Query }>(queries: T): T {
  const guarded = Object.entries<Query>(queries).map(([name, query]) => [
    name,
    async (...input: never[]) => {
      try {
        return await query(...input);
      } catch (error) {
        throw orUnavailable(error);
      }
    },
  ]);
  return Object.fromEntries(guarded) as T;
}

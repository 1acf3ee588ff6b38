import { createHash } from 'node:crypto';
import { PrismaPg } from '@prisma/adapter-pg';
import { Pool } from 'pg';
import { type Prisma, PrismaClient } from '../generated/prisma/client';
import type { Logger } from './logger';

/** One transaction's queries, or the database's outside of one: query functions take either. */
export type Queries = Prisma.TransactionClient;

/**
 * The transaction boundary, apart so that tests can lose a transaction, or its answer, at just this place.
 * `work` may be run again when PostgreSQL broke it off for another's sake, so it does nothing outside `tx` that
 * can't be repeated.
 */
export interface Transactions {
  write<T>(work: (tx: Queries) => Promise<T>): Promise<T>;
  /** READ ONLY, REPEATABLE READ: one consistent state. */
  read<T>(work: (tx: Queries) => Promise<T>): Promise<T>;
}

export interface Database {
  readonly prisma: PrismaClient;
  /** The same connections, for prepared statements on the cipher's path, where Prisma's share is felt. */
  readonly pool: Pool;
  readonly transactions: Transactions;
  close(): Promise<void>;
}

const POOL_SIZE = 10;
const CONNECT_WITHIN_MS = 5_000;
const STATEMENT_WITHIN_MS = 15_000;
/** A signer may be asked inside of it. */
const TRANSACTION_WITHIN_MS = 20_000;

export function openDatabase(url: string, logger: Logger): Database {
  const pool = new Pool({
    connectionString: url,
    max: POOL_SIZE,
    connectionTimeoutMillis: CONNECT_WITHIN_MS,
    statement_timeout: STATEMENT_WITHIN_MS,
    idle_in_transaction_session_timeout: 2 * TRANSACTION_WITHIN_MS,
    application_name: 'smsk',
  });
  // An idle connection that breaks is replaced at the next query; without a listener it would end the process.
  pool.on('error', () => logger.warn({ event: 'store.connection-lost' }, 'an idle connection broke'));
  const prisma = new PrismaClient({ adapter: new PrismaPg(pool, { statementNameGenerator: nameOf }) });
  const limits = { maxWait: CONNECT_WITHIN_MS, timeout: TRANSACTION_WITHIN_MS };
  return {
    prisma,
    pool,
    transactions: {
      write: (work) => repeatingBrokenOff(() => prisma.$transaction(work, limits)),
      read: (work) =>
        prisma.$transaction(
          async (tx) => {
            await tx.$executeRaw`SET TRANSACTION READ ONLY`;
            return work(tx);
          },
          { ...limits, isolationLevel: 'RepeatableRead' },
        ),
    },
    async close() {
      await prisma.$disconnect();
      if (!pool.ended) await pool.end();
    },
  };
}

/** Named, a statement is parsed and planned once per connection. */
function nameOf({ sql }: { sql: string }): string {
  return createHash('sha256').update(sql).digest('hex').slice(0, 32);
}

const ATTEMPTS = 4;

async function repeatingBrokenOff<T>(run: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await run();
    } catch (error) {
      if (attempt === ATTEMPTS || !isBrokenOff(error)) throw error;
    }
  }
}

/** Deadlock or serialization failure: PostgreSQL rolled it back, and nothing of it happened. */
function isBrokenOff(error: unknown): boolean {
  const { code, meta } = error as {
    code?: unknown;
    meta?: { driverAdapterError?: { cause?: { kind?: unknown } } };
  };
  return code === 'P2034' || meta?.driverAdapterError?.cause?.kind === 'TransactionWriteConflict';
}

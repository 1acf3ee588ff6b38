import type { Committed } from '../../domain/change';
import { Refusal } from '../../domain/failure';
import {
  type Instant,
  instantOf,
  type LedgerIndex,
  type OperationId,
  type OrganizationId,
} from '../../domain/ids';
import {
  EMPTY_FRONTIER,
  type Frontier,
  frontierFromBytes,
  frontierToBytes,
} from '../../ledger/verify/frontier';
import type { Queries } from '../database';

/** An organization's ledger while we hold its head: nobody else writes to the organization. */
export interface LockedLedger {
  readonly organization: OrganizationId;
  /** Moves on with each entry appended. */
  frontier: Frontier;
  /** Database time at which the lock was had, cut to milliseconds: later than every entry before. */
  readonly now: Instant;
}

/** The entry an idempotency key left, and the digest of the request that wrote it. */
export interface StoredEntry {
  readonly committed: Committed;
  readonly requestDigest: string;
}

interface Row {
  size: number | null;
  frontier: Uint8Array | null;
  now: Date;
  found_index: number | null;
  found_entry: string;
  found_at: Date;
  found_operation: string | null;
  found_digest: string;
}

/**
 * Takes the organization's head, which every writer takes first: there's no second order of locks, so no
 * deadlock, and what is read after it stays as it is until the transaction ends.
 * @throws Refusal ORGANIZATION_UNKNOWN
 */
export async function lockLedger(
  tx: Queries,
  organization: OrganizationId,
  idempotencyKey: string,
): Promise<{ ledger: LockedLedger; stored: StoredEntry | null }> {
  const [row] = await tx.$queryRaw<
    Row[]
  >`SELECT * FROM lock_ledger(${organization}::uuid, ${idempotencyKey})`;
  if (row === undefined || row.frontier === null) throw new Refusal('ORGANIZATION_UNKNOWN');
  return {
    ledger: {
      organization,
      frontier: frontierFromBytes(row.frontier),
      now: instantOf(row.now.getTime()),
    },
    stored: row.found_index === null ? null : storedEntry(row, row.found_index),
  };
}

function storedEntry(row: Row, index: number): StoredEntry {
  return {
    committed: {
      index: index as LedgerIndex,
      entry: row.found_entry,
      at: instantOf(row.found_at.getTime()),
      replayed: true,
      operationId: row.found_operation as OperationId | null,
    },
    requestDigest: row.found_digest,
  };
}

/** The head of an organization that is being created in this transaction. */
export async function createLedger(tx: Queries, organization: OrganizationId): Promise<LockedLedger> {
  await tx.ledgerHead.create({
    data: { organizationId: organization, size: 0, frontier: bytes(frontierToBytes(EMPTY_FRONTIER)) },
  });
  return { organization, frontier: EMPTY_FRONTIER, now: await databaseTime(tx) };
}

export async function databaseTime(queries: Queries): Promise<Instant> {
  const [row] = await queries.$queryRaw<{ now: Date }[]>`
    SELECT date_trunc('milliseconds', clock_timestamp()) AS now`;
  if (row === undefined) throw new Error('the database gave no time');
  return instantOf(row.now.getTime());
}

/** Prisma's types want bytes over a buffer of their own, which all of ours are. */
export function bytes(value: Uint8Array): Uint8Array<ArrayBuffer> {
  return value.buffer instanceof ArrayBuffer ? (value as Uint8Array<ArrayBuffer>) : Uint8Array.from(value);
}

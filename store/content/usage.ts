import type { Pool } from 'pg';
import { SYSTEM } from '../../domain/actor';
import { canonicalBytes, type JsonObject } from '../../domain/canonical';
import type { ChangeOf } from '../../domain/change';
import { type Instant, instantOf, msOf, type OrganizationId, type Sha256Hex } from '../../domain/ids';
import type { UsageRecord } from '../../domain/ports/content';
import type { Usage } from '../../generated/prisma/client';
import { nodeSuite } from '../../ledger/node/suite';
import { concatHashes, leafHash, rootOfLeaves } from '../../ledger/verify/tree';
import { requestDigest } from '../commit/request-digest';
import { usageCounted } from '../commit/rows/unfenced';
import type { Except } from '../contract';
import type { Database, Queries } from '../database';
import { appendEntry } from '../ledger/append';
import { databaseTime, lockLedger } from '../ledger/head';
import { minuteOf } from '../refusals';

/** On the cipher's path: plaintext is released only after this. */
export async function insertUsage(pool: Pool, records: readonly UsageRecord[]): Promise<void> {
  await pool.query({
    name: 'usage',
    text: `INSERT INTO usage (organization_id, key_ref, request_id, purpose, operations)
      SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::int[])`,
    values: [
      records.map(({ organization }) => organization),
      records.map(({ keyRef }) => keyRef),
      records.map(({ requestId }) => requestId),
      records.map(({ purpose }) => purpose),
      records.map(({ operations }) => operations),
    ],
  });
}

/**
 * Writes one `usage` entry for each organization and minute that ended before `before` and has rows: count of
 * calls, of operations, and the Merkle root (RFC 6962 §2.1) over the rows in the order of their ids.
 * @param except whose rows wait
 * @returns how many entries it wrote
 */
export async function rollUp(
  { prisma, transactions }: Database,
  before: Instant,
  except: Except,
): Promise<number> {
  // The time first: a row of an earlier time has then begun, and is waited for.
  const now = await databaseTime(prisma);
  await prisma.$executeRaw`SELECT await_usage()`;
  const end = minuteOf(before < now ? before : now);
  const due = await prisma.$queryRaw<{ organization_id: string; minute: Date }[]>`
    SELECT o.id AS organization_id, u.minute
    FROM organization o CROSS JOIN LATERAL (
      SELECT DISTINCT date_trunc('minute', at) AS minute FROM usage
      WHERE organization_id = o.id AND at < ${end}::timestamptz AND at >= coalesce(
        (SELECT max(minute) + interval '1 minute' FROM usage_minute WHERE organization_id = o.id), '-infinity')
    ) u ORDER BY o.id, u.minute`;
  let written = 0;
  for (const { organization_id, minute } of due) {
    const organization = organization_id as OrganizationId;
    if (except.has(organization)) continue;
    const at = instantOf(minute.getTime());
    if (await transactions.write((tx) => rollUpMinute(tx, organization, at))) written += 1;
  }
  return written;
}

async function rollUpMinute(tx: Queries, organization: OrganizationId, minute: Instant): Promise<boolean> {
  const idempotencyKey = `usage/${minute}`;
  const { ledger, stored } = await lockLedger(tx, organization, idempotencyKey);
  if (stored !== null) return false;
  const rows = await tx.usage.findMany({
    where: { organizationId: organization, at: { gte: minute, lt: instantOf(msOf(minute) + 60_000) } },
    orderBy: { id: 'asc' },
  });
  const leaves = concatHashes(rows.map((row) => leafHash(nodeSuite, usageLeaf(row))));
  const change: ChangeOf<'usage'> = {
    type: 'usage',
    minute,
    calls: rows.length,
    operations: rows.reduce((sum, row) => sum + row.operations, 0),
    root: Buffer.from(rootOfLeaves(nodeSuite, leaves)).toString('hex') as Sha256Hex,
  };
  const { index } = await appendEntry(tx, ledger, {
    actor: SYSTEM,
    operationId: null,
    epoch: null,
    change,
    idempotencyKey,
    requestDigest: requestDigest(change, null),
  });
  await usageCounted({ tx, organization, index }, change);
  return true;
}

type Row = Pick<Usage, 'at' | 'keyRef' | 'requestId' | 'purpose' | 'operations'>;

/** A usage row as it leaves us: its canonical JSON (RFC 8785) is its leaf. */
export const usageRow = (row: Row): JsonObject => ({
  at: row.at.toISOString(),
  keyRef: row.keyRef,
  requestId: row.requestId,
  purpose: row.purpose,
  operations: row.operations,
});

export const usageLeaf = (row: Row): Uint8Array => canonicalBytes(usageRow(row));

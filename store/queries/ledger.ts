import type { LedgerIndex, OrganizationId } from '../../domain/ids';
import { nodeSuite } from '../../ledger/node/suite';
import type { Head } from '../../ledger/verify/consistency';
import { type Frontier, frontierFromBytes, rootOf } from '../../ledger/verify/frontier';
import type { LedgerLine } from '../contract';
import type { Queries } from '../database';

/** @returns size 0 for an organization that doesn't exist. */
export async function findHead(
  queries: Queries,
  organization: OrganizationId,
): Promise<{ size: number; root: Uint8Array; frontier: Frontier }> {
  const row = await queries.ledgerHead.findUnique({ where: { organizationId: organization } });
  const frontier = row === null ? { size: 0, subtrees: [] } : frontierFromBytes(row.frontier);
  return { size: frontier.size, root: rootOf(nodeSuite, frontier), frontier };
}

/** Those that don't exist are missing. */
export async function findHeads(
  queries: Queries,
  organizations: readonly OrganizationId[],
): Promise<ReadonlyMap<OrganizationId, Head>> {
  const rows = await queries.ledgerHead.findMany({ where: { organizationId: { in: [...organizations] } } });
  return new Map(
    rows.map(({ organizationId, frontier: stored }) => {
      const frontier = frontierFromBytes(stored);
      return [organizationId as OrganizationId, { size: frontier.size, root: rootOf(nodeSuite, frontier) }];
    }),
  );
}

/** Those that have grown since their head was signed, as far as we kept the notes. */
export async function findUnsigned(queries: Queries): Promise<readonly OrganizationId[]> {
  const rows = await queries.$queryRaw<{ id: OrganizationId }[]>`
    SELECT h.organization_id AS id FROM ledger_head h WHERE NOT EXISTS (
      SELECT 1 FROM checkpoint c WHERE c.organization_id = h.organization_id AND c.size >= h.size)
    ORDER BY h.organization_id`;
  return rows.map(({ id }) => id);
}

/** At most `limit` lines from index `from` on. */
export async function findLines(
  queries: Queries,
  organizationId: OrganizationId,
  from: number,
  limit: number,
): Promise<readonly LedgerLine[]> {
  const rows = await queries.ledgerEntry.findMany({
    where: { organizationId, index: { gte: from } },
    orderBy: { index: 'asc' },
    take: limit,
    select: { index: true, entry: true },
  });
  return rows.map(({ index, entry }) => ({ index: index as LedgerIndex, entry }));
}

/** The leaf hashes of the entries from index `from` up to, not including, `to`. */
export async function findLeafHashes(
  queries: Queries,
  organizationId: OrganizationId,
  from: number,
  to?: number,
): Promise<readonly Uint8Array[]> {
  const rows = await queries.ledgerEntry.findMany({
    where: { organizationId, index: { gte: from, ...(to === undefined ? {} : { lt: to }) } },
    orderBy: { index: 'asc' },
    select: { leafHash: true },
  });
  return rows.map(({ leafHash }) => leafHash);
}

/** Everything the custody signer signed for this organization, in the ledger's order. */
export async function findStatements(
  queries: Queries,
  organizationId: OrganizationId,
): Promise<readonly string[]> {
  const rows = await queries.statement.findMany({
    where: { organizationId },
    orderBy: { ledgerIndex: 'asc' },
    select: { jws: true },
  });
  return rows.map(({ jws }) => jws);
}

export async function hasEntry(
  queries: Queries,
  organizationId: OrganizationId,
  idempotencyKey: string,
): Promise<boolean> {
  const where = { organizationId_idempotencyKey: { organizationId, idempotencyKey } };
  return (await queries.ledgerEntry.findUnique({ where, select: { index: true } })) !== null;
}

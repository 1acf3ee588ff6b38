import { SYSTEM } from '../../domain/actor';
import type { ChangeOf } from '../../domain/change';
import type { Owner, ProviderCode } from '../../domain/codes';
import type { ConnectionInput } from '../../domain/connection';
import { instantOf, type OrganizationId, type RequestId } from '../../domain/ids';
import { requestDigest } from '../commit/request-digest';
import type { OwnerOf } from '../contract';
import type { Database, Queries } from '../database';
import { appendEntry } from '../ledger/append';
import { lockLedger } from '../ledger/head';

interface Row {
  id: bigint;
  code: string;
  request_id: string | null;
  refusals: number;
  opened_at: Date;
  last_refusal_at: Date;
  closed_at: Date | null;
  opened_index: number | null;
}

/**
 * Writes what of the incidents isn't in the ledger yet: that each was opened, and, once it has been closed for a
 * minute, that it was closed ({@link Incidents} goes on with one that was closed for less). The cipher's failing path
 * only ever writes its row, by a statement that waits for no ledger; this is done from there, exactly once: an entry
 * and the index that the row keeps of it are one transaction, and the entry's key is the row's.
 * Whose it is, is asked before that transaction; what was opened meanwhile waits for the next round.
 * @returns how many entries it wrote
 */
export async function recordIncidents({ prisma, transactions }: Database, ownerOf: OwnerOf): Promise<number> {
  const owners = await ownersOf(prisma, ownerOf);
  const due = await prisma.$queryRaw<{ organization_id: string }[]>`
    SELECT DISTINCT organization_id FROM incident
    WHERE closed_index IS NULL
      AND (opened_index IS NULL OR closed_at < clock_timestamp() - interval '1 minute')`;
  let written = 0;
  for (const { organization_id } of due) {
    const organization = organization_id as OrganizationId;
    written += await transactions.write((tx) => recordIncidentsOf(tx, organization, owners));
  }
  return written;
}

/** By the incident's id, for those whose opening isn't in the ledger yet. */
async function ownersOf(queries: Queries, ownerOf: OwnerOf): Promise<ReadonlyMap<bigint, Owner>> {
  const opened = await queries.$queryRaw<{ id: bigint; code: string; over: boolean; input: string | null }[]>`
    SELECT i.id, i.code, i.closed_at IS NOT NULL AS over, k.input
    FROM incident i
    LEFT JOIN custody c ON c.organization_id = i.organization_id
    LEFT JOIN connection k ON k.id = c.connection_id
    WHERE i.closed_index IS NULL AND i.opened_index IS NULL
    ORDER BY i.id`;
  const owners = new Map<bigint, Owner>();
  for (const { id, code, over, input } of opened) {
    const connection = input === null ? null : (JSON.parse(input) as ConnectionInput);
    owners.set(id, await ownerOf({ connection, code: code as ProviderCode, isOver: over }));
  }
  return owners;
}

async function recordIncidentsOf(
  tx: Queries,
  organization: OrganizationId,
  owners: ReadonlyMap<bigint, Owner>,
): Promise<number> {
  // The ledger first: whoever counts a refusal into an open incident waits for this row only while it is written.
  await lockLedger(tx, organization, '');
  const rows = await tx.$queryRaw<Row[]>`
    SELECT id, code, request_id, refusals, opened_at, last_refusal_at, opened_index,
      CASE WHEN closed_at < clock_timestamp() - interval '1 minute' THEN closed_at END AS closed_at
    FROM incident
    WHERE organization_id = ${organization}::uuid AND closed_index IS NULL
      AND (opened_index IS NULL OR closed_at < clock_timestamp() - interval '1 minute')
    ORDER BY id FOR UPDATE`;
  let written = 0;
  for (const row of rows) {
    const key = `incident/${row.id}`;
    let opened = {};
    if (row.opened_index === null) {
      const owner = owners.get(row.id);
      if (owner === undefined) continue;
      const openedIndex = await append(tx, organization, `${key}/opened`, openedBy(row, owner));
      opened = { openedIndex, owner };
      written += 1;
    }
    const closedIndex =
      row.closed_at === null
        ? null
        : await append(tx, organization, `${key}/closed`, closedBy(row, row.closed_at));
    written += Number(closedIndex !== null);
    await tx.incident.update({ where: { id: row.id }, data: { ...opened, closedIndex } });
  }
  return written;
}

const at = (date: Date) => instantOf(date.getTime());

const openedBy = (row: Row, owner: Owner): ChangeOf<'incident-opened'> => ({
  type: 'incident-opened',
  code: row.code as ProviderCode,
  owner,
  requestId: row.request_id as RequestId | null,
  firstRefusalAt: at(row.opened_at),
});

const closedBy = (row: Row, closedAt: Date): ChangeOf<'incident-closed'> => ({
  type: 'incident-closed',
  openedAt: at(row.opened_at),
  refusals: row.refusals,
  lastRefusalAt: at(row.last_refusal_at),
  resumedAt: at(closedAt),
});

/** The entry's index; that of the one there is, where this key has one. */
async function append(
  tx: Queries,
  organization: OrganizationId,
  idempotencyKey: string,
  change: ChangeOf<'incident-opened' | 'incident-closed'>,
): Promise<number> {
  const { ledger, stored } = await lockLedger(tx, organization, idempotencyKey);
  if (stored !== null) return stored.committed.index;
  const { index } = await appendEntry(tx, ledger, {
    actor: SYSTEM,
    operationId: null,
    epoch: null,
    change,
    idempotencyKey,
    requestDigest: requestDigest(change, null),
  });
  return index;
}

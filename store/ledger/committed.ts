import type { Committed } from '../../domain/change';
import { instantOf, type LedgerIndex, type OperationId, type OrganizationId } from '../../domain/ids';
import type { Queries } from '../database';

/** What a commit under this idempotency key left. */
export async function findCommitted(
  queries: Queries,
  organizationId: OrganizationId,
  idempotencyKey: string,
): Promise<Committed | null> {
  const row = await queries.ledgerEntry.findUnique({
    where: { organizationId_idempotencyKey: { organizationId, idempotencyKey } },
  });
  if (row === null) return null;
  return {
    index: row.index as LedgerIndex,
    entry: row.entry,
    at: instantOf(row.at.getTime()),
    replayed: true,
    operationId: row.operationId as OperationId | null,
  };
}

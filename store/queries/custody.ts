import type { Custody, CustodyRecord } from '../../domain/custody';
import {
  type ConnectionId,
  type Epoch,
  instantOf,
  type KeyVersion,
  type OrganizationId,
} from '../../domain/ids';
import type { Queries } from '../database';

/** `null` until the organization has its first key version. */
export async function findCustody(
  queries: Queries,
  organization: OrganizationId,
): Promise<CustodyRecord | null> {
  const row = await queries.custody.findUnique({ where: { organizationId: organization } });
  if (row === null) return null;
  return {
    organization,
    custody: row.custody as Custody,
    epoch: row.epoch as Epoch,
    currentVersion: row.currentVersion as KeyVersion,
    connectionId: row.connectionId as ConnectionId | null,
    sealing: row.sealing,
    statement: row.statement,
    changedAt: instantOf(row.changedAt.getTime()),
  };
}

import type { OperationKind } from '../../domain/custody';
import type { OperationId, OrganizationId, OrganizationName } from '../../domain/ids';
import type { OpenOperation } from '../contract';
import type { Queries } from '../database';

/** All that haven't ended, the oldest first. */
export async function findOpenOperations(queries: Queries): Promise<readonly OpenOperation[]> {
  const rows = await queries.$queryRaw<{ id: string; kind: string; organization_id: string; name: string }[]>`
    SELECT p.id, p.kind, p.organization_id, o.name FROM operation p
    JOIN organization o ON o.id = p.organization_id
    WHERE p.stage <> 'closed' ORDER BY p.opened_at, p.id`;
  return rows.map((row) => ({
    id: row.id as OperationId,
    kind: row.kind as OperationKind,
    organization: { id: row.organization_id as OrganizationId, name: row.name as OrganizationName },
  }));
}

import type { OperationKind } from '../../domain/custody';
import type { OperationId, OrganizationId, OrganizationName } from '../../domain/ids';
import type { OpenOperation } from '../contract';
import type { Queries } from '../database';
import { SPARE_LEFT } from './offboarding';

/** All that haven't ended, the oldest first; and those that have ended and left something to do. */
export async function findOpenOperations(queries: Queries): Promise<readonly OpenOperation[]> {
  const rows = await queries.$queryRaw<{ id: string; kind: string; organization_id: string; name: string }[]>`
    SELECT o.id, o.kind, o.organization_id, g.name FROM operation o
    JOIN organization g ON g.id = o.organization_id
    WHERE o.stage <> 'closed' OR (${SPARE_LEFT}) ORDER BY o.opened_at, o.id`;
  return rows.map((row) => ({
    id: row.id as OperationId,
    kind: row.kind as OperationKind,
    organization: { id: row.organization_id as OrganizationId, name: row.name as OrganizationName },
  }));
}

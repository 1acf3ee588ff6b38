import type { OrganizationName } from '../../domain/ids';
import type { Queries } from '../database';
import type { OpenIntakeIncident } from '../incident-contract';

/** Opened and not closed, by the ledgers' entries; the oldest of each organization first. */
export async function findOpenIntakeIncidents(queries: Queries): Promise<readonly OpenIntakeIncident[]> {
  const rows = await queries.$queryRaw<{ name: string; workflow_id: string; run_id: string }[]>`
    SELECT o.name, e.entry::jsonb #>> '{body,workflowId}' AS workflow_id, e.entry::jsonb #>> '{body,runId}' AS run_id
    FROM ledger_entry e JOIN organization o ON o.id = e.organization_id
    WHERE e.type = 'intake-incident-opened' AND NOT EXISTS (
      SELECT FROM ledger_entry c WHERE c.organization_id = e.organization_id AND c.type = 'intake-incident-closed'
        AND c.entry::jsonb #>> '{body,runId}' = e.entry::jsonb #>> '{body,runId}')
    ORDER BY e.organization_id, e.index`;
  return rows.map(({ name, workflow_id, run_id }) => ({
    organization: name as OrganizationName,
    workflowId: workflow_id,
    runId: run_id,
  }));
}

import type { OrganizationId } from '../../domain/ids';
import type { UnexplainedRow } from '../contract';
import type { Queries } from '../database';

/** Incidents that aren't what the ledger says of them, and entries whose incident is gone. */
export async function findUnexplainedIncidents(queries: Queries): Promise<readonly UnexplainedRow[]> {
  const rows = await queries.$queryRaw<{ organization_id: string; row: string; why: string }[]>`
    WITH said AS (
      SELECT organization_id, index, type, entry::jsonb -> 'body' AS body
      FROM ledger_entry WHERE type IN ('incident-opened', 'incident-closed')
    ), incidents AS (
      SELECT i.*, opened.body AS opened, closed.body AS closed
      FROM incident i
      LEFT JOIN said opened ON opened.organization_id = i.organization_id AND opened.index = i.opened_index
        AND opened.type = 'incident-opened'
      LEFT JOIN said closed ON closed.organization_id = i.organization_id AND closed.index = i.closed_index
        AND closed.type = 'incident-closed'
    )
    SELECT organization_id, id::text AS row, 'no incident-opened entry like it' AS why FROM incidents
    WHERE opened_index IS NOT NULL AND (opened = jsonb_build_object('code', code, 'owner', owner, 'requestId', request_id,
      'firstRefusalAt', to_char(opened_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))) IS NOT TRUE
    UNION ALL
    SELECT organization_id, id::text, 'no incident-closed entry like it' FROM incidents
    WHERE closed_index IS NOT NULL AND (closed = jsonb_build_object('refusals', refusals,
      'openedAt', to_char(opened_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
      'lastRefusalAt', to_char(last_refusal_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
      'resumedAt', to_char(closed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))) IS NOT TRUE
    UNION ALL
    SELECT s.organization_id, s.index::text, 'recorded, and gone' FROM said s
    WHERE NOT EXISTS (SELECT FROM incident i WHERE i.organization_id = s.organization_id
      AND s.index = CASE s.type WHEN 'incident-opened' THEN i.opened_index ELSE i.closed_index END)`;
  return rows.map(({ organization_id, row, why }) => ({
    table: 'incident',
    organization: organization_id as OrganizationId,
    row,
    why,
  }));
}

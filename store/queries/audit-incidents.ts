import type { OrganizationId } from '../../domain/ids';
import type { UnexplainedRow } from '../contract';
import type { Queries } from '../database';

/** Incidents that aren't what the ledger says of them, and entries whose incident is gone. */
export async function findUnexplainedIncidents(
  queries: Queries,
  only: OrganizationId | null,
): Promise<readonly UnexplainedRow[]> {
  const rows = await queries.$queryRaw<{ organization_id: string; row: string; why: string }[]>`
    WITH said AS (
      SELECT organization_id, index, type, entry::jsonb -> 'body' AS body
      FROM ledger_entry WHERE (${only}::uuid IS NULL OR organization_id = ${only}::uuid) AND type IN ('incident-opened', 'incident-closed')
    ), incidents AS (
      SELECT i.*, opened.body AS opened, closed.body AS closed
      FROM incident i
      LEFT JOIN said opened ON opened.organization_id = i.organization_id AND opened.index = i.opened_index
        AND opened.type = 'incident-opened'
      LEFT JOIN said closed ON closed.organization_id = i.organization_id AND closed.index = i.closed_index
        AND closed.type = 'incident-closed'
    ), found AS (
    SELECT organization_id, id::text AS row, 'no incident-opened entry like it' AS why FROM incidents
    WHERE opened_index IS NOT NULL AND (opened = jsonb_build_object('incident', id::text, 'code', code, 'owner', owner,
      'requestId', request_id,
      'firstRefusalAt', to_char(opened_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))) IS NOT TRUE
    UNION ALL
    SELECT organization_id, id::text, 'no incident-closed entry like it' FROM incidents
    WHERE closed_index IS NOT NULL AND (closed = jsonb_build_object('incident', id::text, 'code', code, 'owner', owner,
      'refusals', refusals, 'probes', probes, 'proved', proof,
      'firstRefusalAt', to_char(opened_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
      'lastRefusalAt', to_char(last_refusal_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
      'detectedAt', to_char(detected_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
      'answeredAt', to_char(answered_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
      'closedAt', to_char(closed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))) IS NOT TRUE
    UNION ALL
    SELECT n.organization_id, n.incident_id::text, 'no entry like this note' FROM incident_note n
    LEFT JOIN ledger_entry e ON e.organization_id = n.organization_id AND e.index = n.ledger_index
      AND e.type = CASE WHEN n.acknowledges THEN 'incident-acknowledged' ELSE 'incident-annotated' END
    WHERE (e.at = n.at AND e.entry::jsonb -> 'actor' = jsonb_build_object('kind', n.by_kind, 'name', n.by_name)
      AND e.entry::jsonb -> 'body' = jsonb_build_object('incident', n.incident_id::text, 'note', n.text)) IS NOT TRUE
    UNION ALL
    SELECT e.organization_id, e.index::text, 'recorded, and gone' FROM ledger_entry e
    WHERE e.type IN ('incident-acknowledged', 'incident-annotated') AND NOT EXISTS (
      SELECT FROM incident_note n WHERE n.organization_id = e.organization_id AND n.ledger_index = e.index)
    UNION ALL
    SELECT s.organization_id, s.index::text, 'recorded, and gone' FROM said s
    WHERE NOT EXISTS (SELECT FROM incident i WHERE i.organization_id = s.organization_id
      AND s.index = CASE s.type WHEN 'incident-opened' THEN i.opened_index ELSE i.closed_index END)
    )
    SELECT * FROM found WHERE (${only}::uuid IS NULL OR organization_id = ${only}::uuid)`;
  return rows.map(({ organization_id, row, why }) => ({
    table: 'incident',
    organization: organization_id as OrganizationId,
    row,
    why,
  }));
}

import type { OrganizationId } from '../../domain/ids';
import type { UnexplainedRow } from '../contract';
import type { Queries } from '../database';

/**
 * Whom to tell and when not to: handoffs, endpoints and maintenance windows that aren't what the ledger says of them,
 * and entries whose row is gone. Without a removal's row somebody would be told again who isn't to be.
 */
export async function findUnexplainedNotices(
  queries: Queries,
  only: OrganizationId | null,
): Promise<readonly UnexplainedRow[]> {
  const rows = await queries.$queryRaw<
    { table: string; organization_id: string; row: string; why: string }[]
  >`
    WITH said AS (
      SELECT organization_id, index, type, entry::jsonb -> 'body' AS body
      FROM ledger_entry WHERE (${only}::uuid IS NULL OR organization_id = ${only}::uuid) AND type IN ('handoff-recorded', 'endpoint-registered', 'endpoint-removed',
        'maintenance-declared', 'maintenance-cancelled')
    ), kept AS (
      SELECT 'handoff' AS table, 'handoff-recorded' AS type, organization_id, ledger_index,
        ledger_index::text AS row, jsonb_build_object('contacts', contacts, 'runbook', runbook) AS body
      FROM handoff
      UNION ALL
      SELECT 'notice_endpoint', 'endpoint-registered', organization_id, ledger_index, endpoint_id::text,
        jsonb_build_object('endpoint', endpoint_id, 'urlSha256', encode(sha256(convert_to(url, 'UTF8')), 'hex'))
      FROM notice_endpoint
      UNION ALL
      SELECT 'notice_endpoint_removal', 'endpoint-removed', organization_id, ledger_index, endpoint_id::text,
        jsonb_build_object('endpoint', endpoint_id)
      FROM notice_endpoint_removal
      UNION ALL
      SELECT 'maintenance_window', 'maintenance-declared', organization_id, ledger_index, nonce,
        jsonb_build_object('nonce', nonce, 'credentialId', credential_id, 'reason', reason,
          'from', to_char(starts_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
          'until', to_char(ends_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
          'jwsSha256', encode(sha256(convert_to(jws, 'UTF8')), 'hex'))
      FROM maintenance_window
      UNION ALL
      SELECT 'maintenance_cancellation', 'maintenance-cancelled', organization_id, ledger_index, cancels,
        jsonb_build_object('nonce', nonce, 'cancels', cancels, 'credentialId', credential_id,
          'jwsSha256', encode(sha256(convert_to(jws, 'UTF8')), 'hex'))
      FROM maintenance_cancellation
    ), found AS (
    SELECT k.table, k.organization_id, k.row, 'no ' || k.type || ' entry like it' AS why
    FROM kept k WHERE NOT EXISTS (
      SELECT FROM said s WHERE s.organization_id = k.organization_id AND s.index = k.ledger_index AND s.type = k.type
        AND s.body = k.body)
    UNION ALL
    SELECT CASE s.type WHEN 'handoff-recorded' THEN 'handoff' WHEN 'endpoint-registered' THEN 'notice_endpoint'
        WHEN 'endpoint-removed' THEN 'notice_endpoint_removal' WHEN 'maintenance-declared' THEN 'maintenance_window'
        ELSE 'maintenance_cancellation' END,
      s.organization_id, s.index::text, 'recorded, and gone'
    FROM said s WHERE NOT EXISTS (
      SELECT FROM kept k WHERE k.organization_id = s.organization_id AND k.ledger_index = s.index AND k.type = s.type)
    )
    SELECT * FROM found WHERE (${only}::uuid IS NULL OR organization_id = ${only}::uuid)`;
  return rows.map(({ table, organization_id, row, why }) => ({
    table: table as UnexplainedRow['table'],
    organization: organization_id as OrganizationId,
    row,
    why,
  }));
}

import type { OrganizationId } from '../../domain/ids';
import type { UnexplainedRow } from '../contract';
import type { Queries } from '../database';

/** Findings that aren't what the ledger says of them, and entries whose row is gone. */
export async function findUnexplainedDrift(
  queries: Queries,
  only: OrganizationId | null,
): Promise<readonly UnexplainedRow[]> {
  const rows = await queries.$queryRaw<{ organization_id: string; row: string; why: string }[]>`
    WITH said AS (
      SELECT organization_id, index, type, entry::jsonb -> 'body' AS body
      FROM ledger_entry WHERE (${only}::uuid IS NULL OR organization_id = ${only}::uuid) AND type IN ('drift-found', 'drift-cleared')
    ), found AS (
    SELECT d.organization_id, d.found_index::text AS row, 'no drift-found entry like it' AS why
    FROM drift d WHERE NOT EXISTS (
      SELECT FROM said s WHERE s.organization_id = d.organization_id AND s.index = d.found_index
        AND s.type = 'drift-found' AND s.body @> jsonb_build_object('aspect', d.aspect, 'code', d.code,
          'owner', d.owner, 'keyRef', d.key_ref))
    UNION ALL
    SELECT d.organization_id, d.found_index::text, 'cleared without an entry'
    FROM drift d WHERE d.cleared_index IS NOT NULL AND NOT EXISTS (
      SELECT FROM said s WHERE s.organization_id = d.organization_id AND s.index = d.cleared_index
        AND s.type = 'drift-cleared' AND s.body @> jsonb_build_object('found', d.found_index))
    UNION ALL
    SELECT s.organization_id, s.index::text, 'recorded, and gone' FROM said s
    WHERE NOT EXISTS (SELECT FROM drift d WHERE d.organization_id = s.organization_id
      AND s.index = CASE s.type WHEN 'drift-found' THEN d.found_index ELSE d.cleared_index END)
    )
    SELECT * FROM found WHERE (${only}::uuid IS NULL OR organization_id = ${only}::uuid)`;
  return rows.map(({ organization_id, row, why }) => ({
    table: 'drift',
    organization: organization_id as OrganizationId,
    row,
    why,
  }));
}

import type { OrganizationId } from '../../domain/ids';
import type { UnexplainedRow } from '../contract';
import type { Queries } from '../database';

/** Registrations, confirmations and withdrawals that aren't what the ledger says of them, and entries whose row is gone. */
export async function findUnexplainedReferences(
  queries: Queries,
  only: OrganizationId | null,
): Promise<readonly UnexplainedRow[]> {
  const rows = await queries.$queryRaw<
    { table: string; organization_id: string; row: string; why: string }[]
  >`
    WITH said AS (
      SELECT organization_id, index, type, entry::jsonb -> 'body' AS body, entry::jsonb #>> '{actor,name}' AS who
      FROM ledger_entry WHERE (${only}::uuid IS NULL OR organization_id = ${only}::uuid) AND type IN ('reference-registered', 'reference-confirmed', 'reference-withdrawn')
    ), kept AS (
      SELECT 'reference_registration' AS table, 'reference-registered' AS type, organization_id, ledger_index, name,
        registered_by AS who, jsonb_build_object('name', name, 'provider', provider, 'key', key, 'identity', identity,
          'notAfter', to_char(not_after AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
          'locatorSha256', encode(sha256(convert_to(locator, 'UTF8')), 'hex'),
          'proofSha256', encode(sha256(convert_to(proof, 'UTF8')), 'hex')) AS body
      FROM reference_registration
      UNION ALL
      SELECT 'reference_confirmation', 'reference-confirmed', organization_id, ledger_index, name, confirmed_by,
        jsonb_build_object('name', name, 'registration', registration_index,
          'proofSha256', encode(sha256(convert_to(proof, 'UTF8')), 'hex'))
      FROM reference_confirmation
      UNION ALL
      SELECT 'reference_withdrawal', 'reference-withdrawn', organization_id, ledger_index, name, withdrawn_by,
        jsonb_build_object('name', name)
      FROM reference_withdrawal
    ), found AS (
    SELECT k.table, k.organization_id, k.name AS row, 'no ' || k.type || ' entry like it' AS why
    FROM kept k WHERE NOT EXISTS (
      SELECT FROM said s WHERE s.organization_id = k.organization_id AND s.index = k.ledger_index AND s.type = k.type
        AND s.who = k.who AND s.body @> k.body)
    UNION ALL
    SELECT CASE s.type WHEN 'reference-registered' THEN 'reference_registration'
        WHEN 'reference-confirmed' THEN 'reference_confirmation' ELSE 'reference_withdrawal' END,
      s.organization_id, s.body ->> 'name', 'recorded, and gone'
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

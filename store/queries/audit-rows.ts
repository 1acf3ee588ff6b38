import type { OrganizationId } from '../../domain/ids';
import type { UnexplainedRow } from '../contract';
import type { Queries } from '../database';

/**
 * Envelope, key version, custody and rotation rows that no ledger entry explains: inserted, altered or left by somebody
 * else than `commit`. What an entry says is compared member by member; its own bytes are the ledger's to prove.
 */
export async function findUnexplainedRows(
  queries: Queries,
  only: OrganizationId | null,
): Promise<readonly UnexplainedRow[]> {
  const rows = await queries.$queryRaw<
    { table: string; organization_id: string; row: string; why: string }[]
  >`
    WITH said AS (
      SELECT organization_id, index, type, operation_id, (entry::jsonb ->> 'epoch')::int AS epoch,
        entry::jsonb -> 'body' AS body
      FROM ledger_entry WHERE (${only}::uuid IS NULL OR organization_id = ${only}::uuid) AND type IN ('envelope-staged', 'custody-switched', 'live-entered', 'platform-sealed',
        'rotation-due', 'rotation-postponed', 'operation-closed', 'operation-opened')
    ), found AS (
    SELECT 'envelope' AS table, r.organization_id, r.wrapped_sha256 AS row, 'no envelope-staged entry like it' AS why
    FROM envelope r WHERE NOT EXISTS (
      SELECT FROM said s WHERE s.organization_id = r.organization_id AND s.index = r.ledger_index
        AND s.type = 'envelope-staged' AND s.operation_id = r.operation_id AND s.epoch = r.epoch
        AND s.body @> jsonb_build_object('wrappedSha256', r.wrapped_sha256, 'version', r.version, 'custody', r.custody,
          'connectionId', r.connection_id, 'keyRef', r.key_ref, 'checkValue', r.check_value, 'minted', r.minted))
    UNION ALL
    SELECT 'envelope', r.organization_id, r.wrapped_sha256, 'its bytes are not those of its SHA-256'
    FROM envelope r WHERE r.wrapped IS NOT NULL AND encode(sha256(r.wrapped), 'hex') <> r.wrapped_sha256
    UNION ALL
    SELECT 'envelope', r.organization_id, r.wrapped_sha256, 'its statement was not signed for it'
    FROM envelope r WHERE NOT EXISTS (
      SELECT FROM statement s WHERE s.organization_id = r.organization_id AND s.ledger_index = r.ledger_index
        AND s.kind = 'envelope' AND s.jws = r.statement)
    UNION ALL
    SELECT 'envelope', r.organization_id, r.wrapped_sha256, 'erased without an entry'
    FROM envelope r WHERE r.wrapped IS NULL AND NOT EXISTS (
      SELECT FROM ledger_entry e WHERE e.organization_id = r.organization_id AND e.index = r.erased_index)
    UNION ALL
    SELECT 'key_version', r.organization_id, r.version::text, 'no custody-switched entry like it'
    FROM key_version r WHERE NOT EXISTS (
      SELECT FROM said s WHERE s.organization_id = r.organization_id AND s.index = r.ledger_index
        AND s.type = 'custody-switched' AND s.operation_id = r.operation_id
        AND (s.body ->> 'currentVersion')::int = r.version
        AND EXISTS (SELECT FROM said t WHERE t.organization_id = r.organization_id AND t.type = 'envelope-staged'
          AND t.operation_id = r.operation_id
          AND t.body @> jsonb_build_object('version', r.version, 'checkValue', r.check_value)))
    UNION ALL
    SELECT 'rotation_due', r.organization_id, r.ledger_index::text, 'no entry like it'
    FROM rotation_due r WHERE NOT EXISTS (
      SELECT FROM said s WHERE s.organization_id = r.organization_id AND s.index = r.ledger_index
        AND s.type IN ('rotation-due', 'rotation-postponed')
        AND s.body @> jsonb_build_object('cause', r.cause, 'newKeyVersion', r.new_key_version))
    UNION ALL
    SELECT 'rotation_due', r.organization_id, r.ledger_index::text, 'settled by nothing that wraps anew'
    FROM rotation_due r WHERE r.settled_index IS NOT NULL AND NOT EXISTS (
      SELECT FROM said s JOIN operation o ON o.id = s.operation_id AND o.kind IN ('rotate', 'change-connection')
      WHERE s.organization_id = r.organization_id AND s.index = r.settled_index AND s.index > r.ledger_index
        AND (s.type = 'custody-switched' OR s.type = 'operation-closed' AND s.body ->> 'outcome' = 'completed'))
    UNION ALL
    SELECT 'rotation_due', s.organization_id, s.index::text, 'due, and gone'
    FROM said s WHERE s.type IN ('rotation-due', 'rotation-postponed') AND NOT EXISTS (
      SELECT FROM rotation_due r WHERE r.organization_id = s.organization_id AND r.ledger_index = s.index)
    UNION ALL
    SELECT 'custody', r.organization_id, r.custody, 'not what the last custody-switched entry says'
    FROM custody r WHERE NOT EXISTS (
      SELECT FROM said s WHERE s.organization_id = r.organization_id AND s.index = r.ledger_index
        AND s.type = 'custody-switched' AND s.epoch = r.epoch
        AND s.body @> jsonb_build_object('custody', r.custody, 'currentVersion', r.current_version)
        AND s.index = (SELECT max(t.index) FROM said t
          WHERE t.organization_id = r.organization_id AND t.type = 'custody-switched')
        AND r.envelopes = (SELECT jsonb_object_agg(t.body ->> 'version', t.body ->> 'wrappedSha256') FROM said t
          JOIN envelope e ON e.organization_id = t.organization_id AND e.ledger_index = t.index AND e.wrapped IS NOT NULL
          WHERE t.organization_id = r.organization_id AND t.type = 'envelope-staged' AND t.operation_id = s.operation_id)
        -- Only an activation's switch has something to seal.
        AND r.sealing = (r.custody = 'customer' AND EXISTS (SELECT FROM said t
          WHERE t.organization_id = r.organization_id AND t.operation_id = s.operation_id AND t.type = 'operation-opened'
            AND t.body ->> 'kind' = 'activate') AND NOT EXISTS (SELECT FROM said t
          WHERE t.organization_id = r.organization_id AND t.type = 'live-entered' AND t.index > s.index)))
    UNION ALL
    SELECT 'custody', r.organization_id, r.custody, 'its statement was not signed for this switch'
    FROM custody r WHERE NOT EXISTS (
      SELECT FROM statement s WHERE s.organization_id = r.organization_id AND s.ledger_index = r.ledger_index
        AND s.kind = 'custody' AND s.jws = r.statement)
    UNION ALL
    SELECT 'custody', r.organization_id, r.custody, 'its connection is not that of its envelopes'
    FROM custody r WHERE EXISTS (
      SELECT FROM said t WHERE t.organization_id = r.organization_id AND t.type = 'envelope-staged'
        AND t.body ->> 'wrappedSha256' IN (SELECT value FROM jsonb_each_text(r.envelopes))
        AND t.body ->> 'connectionId' IS DISTINCT FROM r.connection_id::text)
    UNION ALL
    SELECT 'custody', r.organization_id, r.custody, 'it doesn''t say that the platform key is sealed, or says so too early'
    FROM custody r WHERE r.sealed IS DISTINCT FROM (
      SELECT s.jws FROM said t JOIN statement s ON s.organization_id = t.organization_id AND s.ledger_index = t.index
      WHERE t.organization_id = r.organization_id AND t.type = 'platform-sealed' AND s.kind = 'sealed'
      ORDER BY t.index DESC LIMIT 1)
    UNION ALL
    SELECT 'custody', r.organization_id, r.custody, 'it doesn''t say what both sides approved, or something else'
    FROM custody r WHERE r.offboarded IS DISTINCT FROM (
      SELECT s.jws FROM statement s JOIN said t ON t.organization_id = s.organization_id AND t.index = s.ledger_index
      WHERE s.organization_id = r.organization_id AND s.kind = 'offboarded' AND t.type = 'custody-switched'
        AND t.body ->> 'custody' = 'platform'
      ORDER BY s.ledger_index DESC LIMIT 1)
    UNION ALL
    SELECT 'custody', r.organization_id, r.custody, 'back at the platform''s without what both sides approved'
    FROM custody r WHERE r.custody = 'platform' AND r.sealed IS NOT NULL AND NOT EXISTS (
      SELECT FROM statement s WHERE s.organization_id = r.organization_id AND s.ledger_index = r.ledger_index
        AND s.kind = 'offboarded' AND s.jws = r.offboarded)
    )
    SELECT * FROM found WHERE (${only}::uuid IS NULL OR organization_id = ${only}::uuid)`;
  return rows.map(({ table, organization_id, row, why }) => ({
    table: table as UnexplainedRow['table'],
    organization: organization_id as OrganizationId,
    row,
    why,
  }));
}

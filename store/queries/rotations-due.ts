import type { OrganizationId, OrganizationName } from '../../domain/ids';
import type { RotationCause, RotationRule } from '../../domain/rotation';
import type { DueRotation } from '../contract';
import type { Queries } from '../database';

interface Row {
  id: string;
  name: string;
  cause: string | null;
  new_key_version: boolean;
  is_old: boolean;
  is_worn: boolean;
}

/**
 * One statement for all organizations, a few index look-ups for each: how much a key version was used is the
 * difference of two running totals.
 */
export async function findRotationsDue(
  queries: Queries,
  { maxAgeDays, maxOperations }: RotationRule,
  only: OrganizationName | null = null,
): Promise<readonly DueRotation[]> {
  const rows = await queries.$queryRaw<Row[]>`
    SELECT o.id, o.name, COALESCE(due.cause, noticed.cause) AS cause, COALESCE(due.new_key_version, false) AS new_key_version,
      minted.at <= clock_timestamp() - ${maxAgeDays} * interval '1 day' AS is_old,
      COALESCE(used.now - used.before, 0) >= ${maxOperations} AS is_worn
    FROM custody c
    JOIN organization o ON o.id = c.organization_id
    JOIN key_version v ON v.organization_id = o.id AND v.version = c.current_version
    JOIN ledger_entry minted ON minted.organization_id = o.id AND minted.index = v.ledger_index
    CROSS JOIN LATERAL (
      SELECT count(*) FILTER (WHERE p.holds_lock OR p.kind = 'rotate' AND p.stage <> 'closed'
        OR p.kind = 'rotate' AND p.outcome = 'refused' AND p.reason <> 'OPERATION_LOCKED'
          AND p.stage_since > clock_timestamp() - interval '1 hour') > 0 AS waits
      FROM operation p WHERE p.organization_id = o.id
    ) other
    CROSS JOIN LATERAL (
      SELECT (array_agg(d.cause ORDER BY d.ledger_index))[1] AS cause, bool_or(d.new_key_version) AS new_key_version
      FROM rotation_due d WHERE d.organization_id = o.id AND d.settled_index IS NULL
    ) due
    -- What the sweep has found, until a rotation has moved to it.
    LEFT JOIN LATERAL (
      SELECT 'provider-key-version' AS cause FROM drift d
      JOIN envelope e ON e.organization_id = o.id AND e.wrapped_sha256 = c.envelopes ->> c.current_version::text
      WHERE d.organization_id = o.id AND d.aspect = 'version' AND d.cleared_index IS NULL
        AND d.key_ref IS DISTINCT FROM e.key_ref
        -- Of the key in use: what was found of a former connection's says nothing.
        AND EXISTS (SELECT FROM connection k WHERE k.id = c.connection_id AND starts_with(d.key_ref, k.key || '/'))
    ) noticed ON true
    CROSS JOIN LATERAL (
      SELECT (SELECT u.total FROM usage_minute u WHERE u.organization_id = o.id ORDER BY u.minute DESC LIMIT 1) AS now,
        COALESCE((SELECT u.total FROM usage_minute u WHERE u.organization_id = o.id AND u.minute <= minted.at
          ORDER BY u.minute DESC LIMIT 1), 0) AS before
    ) used
    WHERE c.custody = 'customer' AND NOT c.sealing AND (${only}::text IS NULL OR o.name = ${only})
      AND NOT other.waits
    ORDER BY o.name`;
  return rows.flatMap((row) => {
    const cause = causeOf(row);
    const organization = { id: row.id as OrganizationId, name: row.name as OrganizationName };
    const newKeyVersion = row.new_key_version || row.is_old || row.is_worn;
    return cause === null ? [] : [{ organization, cause, newKeyVersion }];
  });
}

function causeOf({ cause, is_old, is_worn }: Row): RotationCause | null {
  if (cause !== null) return cause as RotationCause;
  if (is_old) return 'age';
  return is_worn ? 'volume' : null;
}

import type { JsonObject } from '../../domain/canonical';
import type { Instant, OrganizationId } from '../../domain/ids';
import { usageRow } from '../content/usage';
import type { Queries } from '../database';

/**
 * The newest whole minutes of usage that end before `before` and together have at most `limit` rows: of each the very
 * rows, in the order of their ids, that its `usage` entry's root is over. None where the newest minute alone has more.
 * O(limit), however long the organization has been there.
 */
export async function findUsageRows(
  queries: Queries,
  organization: OrganizationId,
  { before, limit }: { before: Instant | null; limit: number },
): Promise<readonly JsonObject[]> {
  const rows = await queries.$queryRaw<
    { at: Date; key_ref: string; request_id: string | null; purpose: string; operations: number }[]
  >`
    WITH minutes AS (
      SELECT m.minute, (e.entry::jsonb #>> '{body,calls}')::int AS calls
      FROM usage_minute m
      JOIN ledger_entry e ON e.organization_id = m.organization_id AND e.index = m.ledger_index
      WHERE m.organization_id = ${organization}::uuid
        AND m.minute + interval '1 minute' <= coalesce(${before}::timestamptz, 'infinity')
      ORDER BY m.minute DESC LIMIT ${limit}
    ), counted AS (
      SELECT minute, sum(calls) OVER (ORDER BY minute DESC) AS calls FROM minutes
    ), wanted AS (
      SELECT minute FROM counted WHERE calls <= ${limit}
    )
    SELECT u.at, u.key_ref, u.request_id, u.purpose, u.operations
    FROM wanted w JOIN usage u ON u.organization_id = ${organization}::uuid
      AND u.at >= w.minute AND u.at < w.minute + interval '1 minute'
    ORDER BY u.id`;
  return rows.map(({ key_ref: keyRef, request_id: requestId, ...row }) =>
    usageRow({ ...row, keyRef, requestId }),
  );
}

import type { OperationId, OrganizationId } from '../../domain/ids';
import type { SealingProof, SealingRule } from '../contract';
import type { Queries } from '../database';

interface Row {
  refusals: number;
  over_ms: number;
}

/**
 * How often in a row, and over how long by the database's clock, the platform key has refused since it was last
 * disabled or found alive: counted in the ledger, where only the process that was refused has written it.
 */
export async function sealingProof(
  queries: Queries,
  of: { readonly organization: OrganizationId; readonly operationId: OperationId },
  rule: SealingRule,
): Promise<SealingProof> {
  const [row] = await queries.$queryRaw<Row[]>`
    WITH said AS (
      SELECT index, at, type = 'platform-key-probed' AND (entry::jsonb #>> '{body,refused}')::boolean AS refused
      FROM ledger_entry
      WHERE organization_id = ${of.organization}::uuid AND operation_id = ${of.operationId}::uuid
        AND type IN ('platform-key-disabled', 'platform-key-probed')
    )
    SELECT count(*)::int AS refusals,
      COALESCE(round(extract(epoch FROM max(at) - min(at)) * 1000), 0)::float8 AS over_ms
    FROM said WHERE refused
      AND index > (SELECT COALESCE(max(index), -1) FROM said WHERE NOT refused)`;
  const { refusals, over_ms: overMs } = row ?? { refusals: 0, over_ms: 0 };
  return { refusals, overMs, enough: refusals >= rule.refusals && overMs >= rule.overMs };
}

import type { Code } from '../../domain/codes';
import type { Finding } from '../../domain/finding';
import {
  type DryRunId,
  instantOf,
  type LedgerIndex,
  type OperationId,
  type Sha256Hex,
} from '../../domain/ids';
import type { Plan } from '../../domain/plan';
import type { DryRunRecord } from '../contract';
import type { Queries } from '../database';

interface Row {
  id: string;
  plan: string | null;
  plan_digest: string | null;
  findings: Finding[];
  blockers: Code[];
  computed_at: Date;
  ledger_index: number;
}

/** `current`: the one that counts, launched last and not invalidated since. */
export async function findDryRun(
  queries: Queries,
  operationId: OperationId,
  which: DryRunId | 'current',
): Promise<DryRunRecord | null> {
  const [row] =
    which === 'current'
      ? await queries.$queryRaw<Row[]>`
          SELECT d.* FROM operation o JOIN dry_run d ON d.id = o.dry_run_id AND d.operation_id = o.id
          WHERE o.id = ${operationId}::uuid`
      : await queries.$queryRaw<Row[]>`
          SELECT * FROM dry_run WHERE id = ${which}::uuid AND operation_id = ${operationId}::uuid`;
  if (row === undefined) return null;
  return {
    dryRunId: row.id as DryRunId,
    operationId,
    plan: row.plan === null ? null : (JSON.parse(row.plan) as Plan),
    planDigest: row.plan_digest as Sha256Hex | null,
    findings: row.findings,
    blockers: row.blockers,
    computedAt: instantOf(row.computed_at.getTime()),
    ledgerIndex: row.ledger_index as LedgerIndex,
  };
}

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

/** `current`: the one that counts, launched last and not invalidated since. */
export async function findDryRun(
  queries: Queries,
  operationId: OperationId,
  which: DryRunId | 'current',
): Promise<DryRunRecord | null> {
  const id = which === 'current' ? await currentId(queries, operationId) : which;
  if (id === null) return null;
  const row = await queries.dryRun.findFirst({ where: { id, operationId } });
  if (row === null) return null;
  return {
    dryRunId: row.id as DryRunId,
    operationId,
    plan: row.plan === null ? null : (JSON.parse(row.plan) as Plan),
    planDigest: row.planDigest as Sha256Hex | null,
    findings: row.findings as unknown as Finding[],
    blockers: row.blockers as unknown as Code[],
    computedAt: instantOf(row.computedAt.getTime()),
    ledgerIndex: row.ledgerIndex as LedgerIndex,
  };
}

async function currentId(queries: Queries, id: OperationId): Promise<string | null> {
  const operation = await queries.operation.findUnique({ where: { id }, select: { dryRunId: true } });
  return operation?.dryRunId ?? null;
}

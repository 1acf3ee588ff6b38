import type { Pool } from 'pg';
import type { Owner, ProviderCode } from '../../domain/codes';
import type { Aspect } from '../../domain/drift';
import { instantOf, type KeyRef, type LedgerIndex, type OrganizationId } from '../../domain/ids';
import type { Queries } from '../database';
import type { AuditHealth, StandingDrift, SweepHealth } from './contract';

export async function findSweepHealth(pool: Pool): Promise<SweepHealth> {
  const { rows } = await pool.query<{ completed_at: Date | null; lag_ms: number; standing: object | null }>({
    name: 'sweep health',
    text: `SELECT (SELECT completed_at FROM sweep WHERE kind = 'customer-key') AS completed_at,
      coalesce((SELECT greatest(0, extract(epoch FROM clock_timestamp() - min(p.due_at)) * 1000)::float8 FROM probe p
        JOIN custody c ON c.organization_id = p.organization_id AND c.custody = 'customer'
        WHERE p.kind = 'customer-key'), 0) AS lag_ms,
      (SELECT jsonb_object_agg(code, n) FROM (
        SELECT code, count(*) AS n FROM drift WHERE cleared_index IS NULL GROUP BY code) AS by_code) AS standing`,
  });
  const [row] = rows;
  return {
    completedAt: row?.completed_at == null ? null : instantOf(row.completed_at.getTime()),
    lagMs: row?.lag_ms ?? 0,
    standing: (row?.standing ?? {}) as SweepHealth['standing'],
  };
}

export async function findAuditHealth(pool: Pool): Promise<AuditHealth> {
  const { rows } = await pool.query<{ completed_at: Date | null; findings: object | null }>({
    name: 'audit health',
    text: `SELECT (SELECT completed_at FROM sweep WHERE kind = 'ledger') AS completed_at,
      (SELECT jsonb_object_agg(finding, n) FROM (
        SELECT found ->> 'finding' AS finding, count(*) AS n
        FROM probe p, jsonb_array_elements(p.findings) AS found WHERE p.kind = 'ledger' GROUP BY 1) AS counted) AS findings`,
  });
  const [row] = rows;
  return {
    completedAt: row?.completed_at == null ? null : instantOf(row.completed_at.getTime()),
    findings: (row?.findings ?? {}) as AuditHealth['findings'],
  };
}

/** What stands now, first found first. */
export async function findStandingDrift(
  queries: Queries,
  organizationId: OrganizationId,
): Promise<readonly StandingDrift[]> {
  const rows = await queries.drift.findMany({
    where: { organizationId, clearedIndex: null },
    orderBy: { foundIndex: 'asc' },
  });
  return rows.map(({ aspect, code, owner, keyRef, foundAt, foundIndex }) => ({
    aspect: aspect as Aspect,
    found: foundIndex as LedgerIndex,
    code: code as ProviderCode,
    owner: owner as Owner,
    keyRef: keyRef as KeyRef | null,
    since: instantOf(foundAt.getTime()),
  }));
}

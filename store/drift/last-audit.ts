import type { Pool } from 'pg';
import type { AuditFinding } from '../../domain/audit';
import { instantOf, type OrganizationId } from '../../domain/ids';
import type { Queries } from '../database';
import type { LastAudit } from './contract';

export async function findLastAudit(queries: Queries, organizationId: OrganizationId): Promise<LastAudit> {
  const where = { organizationId_kind: { organizationId, kind: 'ledger' } };
  const row = await queries.probe.findUnique({ where });
  const instant = (at: Date | null | undefined) => (at == null ? null : instantOf(at.getTime()));
  return {
    at: instant(row?.probedAt),
    wholeAt: instant(row?.thoroughAt),
    findings: (row?.findings ?? []) as unknown as readonly AuditFinding[],
  };
}

/** One that was never due before is enrolled by the next run, which begins with it anyway. */
export async function auditSoon(pool: Pool, organization: OrganizationId): Promise<void> {
  await pool.query({
    name: 'audit soon',
    text: `UPDATE probe SET due_at = clock_timestamp(), thorough_at = NULL
      WHERE organization_id = $1::uuid AND kind = 'ledger'`,
    values: [organization],
  });
}

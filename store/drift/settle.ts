import type { Pool } from 'pg';
import type { LeaseRequest, ProbeKind, ProbeResult } from './contract';
import { phase } from './enrol';

/**
 * The next turn is the organization's own moment of the period, however late this one was: so turns stay spread. After a
 * first failure it comes sooner, since two in a row are what counts.
 */
const settleText = (kind: ProbeKind): string => `
  UPDATE probe p SET leased_until = NULL, leased_by = NULL, probed_at = m.now, code = r.code, failures = r.failures,
    findings = r.findings, thorough_at = CASE WHEN r.thorough THEN m.now ELSE p.thorough_at END,
    due_at = m.now + make_interval(secs => $3::float8 / 1000) * CASE WHEN r.failures = 1 THEN 0.1
      ELSE 1 - mod(mod((extract(epoch FROM m.now) * 1000 / $3::float8)::numeric, 1) - ${phase(kind, 'p.organization_id')} + 1, 1) END
  FROM (SELECT clock_timestamp() AS now) m,
    unnest($4::uuid[], $5::text[], $6::int[], $7::bool[], $8::jsonb[]) AS r(organization_id, code, failures, thorough, findings)
  WHERE p.organization_id = r.organization_id AND p.kind = $1 AND p.leased_by = $2::uuid`;

export async function settle(
  pool: Pool,
  { kind, holder }: Pick<LeaseRequest, 'kind' | 'holder'>,
  periodMs: number,
  results: readonly ProbeResult[],
): Promise<number> {
  if (results.length === 0) return 0;
  const column = <K extends keyof ProbeResult>(name: K) => results.map((result) => result[name]);
  const { rowCount } = await pool.query({
    name: `settle ${kind}`,
    text: settleText(kind),
    values: [
      kind,
      holder,
      periodMs,
      column('organization'),
      column('code'),
      column('failures'),
      column('thorough'),
      results.map(({ findings }) => JSON.stringify(findings)),
    ],
  });
  return rowCount ?? 0;
}

export async function release(pool: Pool, holder: string): Promise<void> {
  await pool.query(`UPDATE probe SET leased_until = NULL, leased_by = NULL WHERE leased_by = $1::uuid`, [
    holder,
  ]);
}

export async function complete(pool: Pool, kind: ProbeKind): Promise<void> {
  await pool.query(
    `INSERT INTO sweep (kind, completed_at) VALUES ($1, clock_timestamp())
     ON CONFLICT (kind) DO UPDATE SET completed_at = EXCLUDED.completed_at`,
    [kind],
  );
}

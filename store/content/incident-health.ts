import type { Pool } from 'pg';
import type { Owner } from '../../domain/codes';

/** What monitoring asks of incidents. */
export interface IncidentHealth {
  /** Open incidents by who can mend them; `unknown` until the entry of an incident's opening is written. */
  readonly open: Readonly<Record<Owner | 'unknown', number>>;
  /** Milliseconds since the first refusal of the incident that has waited the longest for its recovery; 0: none waits. */
  readonly untoldMs: number;
}

export async function findIncidentHealth(pool: Pool): Promise<IncidentHealth> {
  const { rows } = await pool.query<{ owner: Owner | 'unknown'; n: number; untold_ms: number | null }>({
    name: 'incident health',
    text: `SELECT coalesce(owner, 'unknown') AS owner, count(*)::int AS n,
      max(extract(epoch FROM clock_timestamp() - opened_at) * 1000) FILTER (WHERE relayed_at IS NULL)::float8 AS untold_ms
      FROM incident WHERE closed_at IS NULL GROUP BY 1`,
  });
  const open = { customer: 0, provider: 0, operator: 0, unknown: 0 };
  for (const { owner, n } of rows) open[owner] = n;
  return { open, untoldMs: Math.max(0, ...rows.map(({ untold_ms }) => untold_ms ?? 0)) };
}

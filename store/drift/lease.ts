import type { Pool } from 'pg';
import type { ProviderCode } from '../../domain/codes';
import type { Aspect } from '../../domain/drift';
import { instantOf, type KeyRef, type LedgerIndex, type OrganizationId } from '../../domain/ids';
import type { LastDrift, Leased, LeasedProbe, LeaseRequest, ProbeKind } from './contract';

/** So many of the longest overdue are looked at for one lease: enough that some can be begun whatever the limits. */
const CANDIDATES = 1_000;

/** Whoever left customer custody isn't probed any more; the platform keys that it left behind before are. */
const STILL: Readonly<Record<ProbeKind, string>> = {
  'customer-key': `EXISTS (SELECT FROM custody c WHERE c.organization_id = p.organization_id AND c.custody = 'customer')`,
  'platform-key': `EXISTS (SELECT FROM custody c WHERE c.organization_id = p.organization_id AND c.sealed IS NOT NULL)`,
  records: 'true',
  ledger: 'true',
};

/**
 * Accounts that are at their limit are left out first, so that thousands of one account hide nobody behind them; of the
 * others as many are taken as they have room for. `FOR UPDATE SKIP LOCKED` looks at each row again: what another has
 * leased meanwhile is its own.
 */
const leaseText = (kind: ProbeKind): string => `
  WITH moment AS MATERIALIZED (SELECT clock_timestamp() AS now), busy AS MATERIALIZED (
    SELECT p.account, count(*) FILTER (WHERE p.leased_until > m.now) AS running,
      count(*) FILTER (WHERE p.leased_at > m.now - interval '1 second') AS begun,
      count(*) FILTER (WHERE p.leased_until > m.now AND p.failures > 0) AS troubled
    FROM probe p, moment m
    WHERE p.kind = $1 AND p.leased_at > m.now - make_interval(secs => 1 + $4::float8 / 1000)
    GROUP BY p.account
  ), room AS MATERIALIZED (SELECT $7::int - coalesce(sum(troubled), 0) AS troubled FROM busy), candidate AS (
    SELECT p.organization_id, p.account, p.due_at, p.failures
    FROM probe p, moment m, room r
    WHERE p.kind = $1 AND p.due_at <= m.now AND (p.leased_until IS NULL OR p.leased_until <= m.now)
      AND NOT EXISTS (SELECT FROM busy b WHERE b.account = p.account AND (b.running >= $5::int OR b.begun >= $6::int))
      AND (p.failures = 0 OR r.troubled > 0) AND ${STILL[kind]}
    ORDER BY p.due_at LIMIT ${CANDIDATES}
  ), ranked AS (
    SELECT c.organization_id, c.due_at, c.failures,
      row_number() OVER (PARTITION BY c.account ORDER BY c.due_at, c.organization_id) AS nth,
      least($5::int - coalesce(b.running, 0), $6::int - coalesce(b.begun, 0)) AS room,
      row_number() OVER (PARTITION BY c.failures > 0 ORDER BY c.due_at, c.organization_id) AS nth_alike
    FROM candidate c LEFT JOIN busy b ON b.account = c.account
  ), chosen AS (
    SELECT organization_id FROM ranked, room r
    WHERE nth <= room AND (failures = 0 OR nth_alike <= r.troubled) ORDER BY due_at LIMIT $3::int
  ), free AS (
    SELECT p.organization_id FROM probe p JOIN chosen USING (organization_id), moment m
    WHERE p.kind = $1 AND p.due_at <= m.now AND (p.leased_until IS NULL OR p.leased_until <= m.now)
    ORDER BY p.organization_id FOR UPDATE OF p SKIP LOCKED
  )
  UPDATE probe p SET leased_at = m.now, leased_by = $2::uuid,
    leased_until = m.now + make_interval(secs => $4::float8 / 1000)
  FROM free f, moment m WHERE p.organization_id = f.organization_id AND p.kind = $1
  RETURNING p.organization_id, p.failures, p.thorough_at`;

const leaseOneText = (kind: ProbeKind): string => `
  WITH moment AS (SELECT clock_timestamp() AS now)
  UPDATE probe p SET leased_at = m.now, leased_by = $2::uuid,
    leased_until = m.now + make_interval(secs => $4::float8 / 1000)
  FROM moment m WHERE p.organization_id = $3::uuid AND p.kind = $1 AND ${STILL[kind]}
    AND (p.leased_until IS NULL OR p.leased_until <= m.now)
  RETURNING p.organization_id, p.failures, p.thorough_at`;

interface Row {
  organization_id: string;
  failures: number;
  thorough_at: Date | null;
}

export async function lease(pool: Pool, request: LeaseRequest): Promise<Leased> {
  const { kind, holder, leaseMs, limits, count, only } = request;
  const { rows } =
    only === undefined
      ? await pool.query<Row>({
          name: `lease ${kind}`,
          text: leaseText(kind),
          values: [kind, holder, count, leaseMs, limits.perAccount, limits.perAccountSecond, limits.troubled],
        })
      : await pool.query<Row>({
          name: `lease one ${kind}`,
          text: leaseOneText(kind),
          values: [kind, holder, only, leaseMs],
        });
  const more = only === undefined && rows.length < count && (await isAnyDue(pool, kind));
  const drift = await lastDrift(
    pool,
    rows.map(({ organization_id }) => organization_id),
  );
  const probes = rows.map(
    (row): LeasedProbe => ({
      organization: row.organization_id as OrganizationId,
      failures: row.failures,
      thoroughAt: row.thorough_at === null ? null : instantOf(row.thorough_at.getTime()),
      drift: drift.get(row.organization_id) ?? [],
    }),
  );
  return { probes, more: more || (only === undefined && rows.length === count) };
}

async function isAnyDue(pool: Pool, kind: ProbeKind): Promise<boolean> {
  const { rows } = await pool.query<{ due: boolean }>({
    name: `due ${kind}`,
    text: `SELECT EXISTS (SELECT FROM probe p WHERE p.kind = $1 AND p.due_at <= clock_timestamp()
      AND (p.leased_until IS NULL OR p.leased_until <= clock_timestamp()) AND ${STILL[kind]}) AS due`,
    values: [kind],
  });
  return rows[0]?.due === true;
}

async function lastDrift(
  pool: Pool,
  organizations: readonly string[],
): Promise<ReadonlyMap<string, readonly LastDrift[]>> {
  const last = new Map<string, LastDrift[]>();
  if (organizations.length === 0) return last;
  const { rows } = await pool.query<{
    organization_id: string;
    aspect: string;
    code: string;
    key_ref: string | null;
    found_index: number;
    cleared_index: number | null;
  }>({
    name: 'last drift',
    text: `SELECT DISTINCT ON (organization_id, aspect) organization_id, aspect, code, key_ref, found_index, cleared_index
      FROM drift WHERE organization_id = ANY($1::uuid[]) ORDER BY organization_id, aspect, found_index DESC`,
    values: [organizations],
  });
  for (const { organization_id, aspect, code, key_ref, found_index, cleared_index } of rows) {
    const of = last.get(organization_id) ?? [];
    of.push({
      aspect: aspect as Aspect,
      code: code as ProviderCode,
      keyRef: key_ref as KeyRef | null,
      found: found_index as LedgerIndex,
      cleared: cleared_index as LedgerIndex | null,
    });
    last.set(organization_id, of);
  }
  return last;
}

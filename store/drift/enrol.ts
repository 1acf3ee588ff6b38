import type { Pool } from 'pg';
import type { ProbeKind } from './contract';

/**
 * A number in [0, 1): where in each period an organization's turn is, its own for each. Rows are looked at all at once.
 * @param id a column
 */
export const phase = (kind: ProbeKind, id: string): string =>
  kind === 'records' ? '0.0' : `(('x' || substr(md5(${id}::text), 1, 8))::bit(32)::bigint / 4294967296.0)`;

/** With what the provider counts by: an AWS account in its region, a vault. The operator's own are one account. */
const TO_BE_PROBED: Readonly<Record<ProbeKind, string>> = {
  'customer-key': `
    SELECT c.organization_id, CASE k.input::jsonb ->> 'provider'
        WHEN 'aws-kms' THEN 'aws-kms/' || split_part(k.input::jsonb ->> 'key', ':', 5) || '/' || (k.input::jsonb ->> 'region')
        ELSE 'azure-key-vault/' || split_part(k.input::jsonb ->> 'key', '/', 3) END AS account
    FROM custody c JOIN connection k ON k.id = c.connection_id WHERE c.custody = 'customer'`,
  'platform-key': `
    SELECT c.organization_id, 'platform' AS account FROM custody c WHERE c.sealed IS NOT NULL`,
  records: `SELECT o.id AS organization_id, 'records/' || o.id AS account FROM organization o`,
  ledger: `SELECT o.id AS organization_id, 'ledger' AS account FROM organization o`,
};

/** Its first turn is within one period from now. */
export async function enrol(pool: Pool, kind: ProbeKind, periodMs: number): Promise<void> {
  await pool.query({
    name: `enrol ${kind}`,
    text: `
      INSERT INTO probe (organization_id, kind, account, due_at)
      SELECT organization_id, $1::text, account, clock_timestamp() + ${phase(kind, 'organization_id')} * make_interval(secs => $2::float8 / 1000)
      FROM (${TO_BE_PROBED[kind]}) AS wanted
      ORDER BY organization_id
      ON CONFLICT (organization_id, kind) DO UPDATE SET account = EXCLUDED.account
      WHERE probe.account <> EXCLUDED.account`,
    values: [kind, periodMs],
  });
}

import { Client } from 'pg';

/** One row as it was written, by its table. */
export interface Row {
  readonly table: string;
  /** As PostgreSQL's own JSON of the row. */
  readonly json: string;
}

/** The rows that each ledger entry of an activation came with, in the order of the entries. */
export type Recording = readonly { readonly type: string; readonly rows: readonly Row[] }[];

const SCHEMA = 'bare';

/**
 * Reads what an activation wrote: from its opening on, each entry with every row that names it. No table is named
 * here, so a new one is covered by itself.
 */
export async function recordRows(adminUrl: string, organization: string): Promise<Recording> {
  return withClient(adminUrl, async (client) => {
    const { rows: tables } = await client.query<{ name: string }>(
      `SELECT table_name AS name FROM information_schema.columns
       WHERE table_schema = 'public' AND column_name = 'ledger_index' ORDER BY 1`,
    );
    const { rows: entries } = await client.query<{ index: number; type: string; json: string }>(
      `SELECT index, type, to_jsonb(e)::text AS json FROM ledger_entry e WHERE organization_id = $1 AND index >=
         (SELECT max(index) FROM ledger_entry WHERE organization_id = $1 AND type = 'operation-opened')
       ORDER BY index`,
      [organization],
    );
    const recording = [];
    for (const { index, type, json } of entries) {
      const rows: Row[] = [{ table: 'ledger_entry', json }];
      for (const { name } of tables) {
        const named = await client.query<{ json: string }>(
          `SELECT to_jsonb(t)::text AS json FROM "${name}" t WHERE organization_id = $1 AND ledger_index = $2`,
          [organization, index],
        );
        rows.push(...named.rows.map((row) => ({ table: name, json: row.json })));
      }
      recording.push({ type, rows });
    }
    return recording;
  });
}

/** The same tables with the same indexes and checks, but no triggers: plain INSERTs go there. */
export function makePlainTables(adminUrl: string, login: string): Promise<void> {
  return withClient(adminUrl, async (client) => {
    const { rows } = await client.query<{ name: string }>(
      `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' AND tablename NOT LIKE '\\_prisma%'`,
    );
    await client.query(`CREATE SCHEMA ${SCHEMA}`);
    for (const { name } of rows) {
      await client.query(`CREATE TABLE ${SCHEMA}."${name}" (LIKE public."${name}" INCLUDING ALL)`);
    }
    await client.query(`GRANT USAGE ON SCHEMA ${SCHEMA} TO ${login}`);
    await client.query(`GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA ${SCHEMA} TO ${login}`);
  });
}

/** @throws Error unless each recorded entry was inserted by the one bare activation there has been. */
export async function demandAllInserted(adminUrl: string, recording: Recording): Promise<void> {
  await withClient(adminUrl, async (client) => {
    const { rows } = await client.query<{ type: string }>(
      `SELECT type FROM ${SCHEMA}.ledger_entry ORDER BY index`,
    );
    const [wanted, found] = [recording, rows].map((entries) => entries.map(({ type }) => type).join(', '));
    if (wanted !== found) throw new Error(`the reference inserts ${found}, not ${wanted}`);
  });
}

/** One plain transaction, by prepared statements, that inserts these rows. */
export async function insertRows(client: Client, rows: readonly Row[]): Promise<void> {
  await client.query('BEGIN');
  for (const { table, json } of rows) {
    await client.query({
      name: table,
      text: `INSERT INTO ${SCHEMA}."${table}" SELECT * FROM jsonb_populate_record(NULL::${SCHEMA}."${table}", $1)`,
      values: [json],
    });
  }
  await client.query('COMMIT');
}

async function withClient<T>(url: string, use: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

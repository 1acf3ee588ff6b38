/** A row as PostgreSQL shows it in JSON. */
export type Row = Readonly<Record<string, unknown>>;
export type Query = (text: string, values?: unknown[]) => Promise<Row[]>;

/** What custody is decided on. */
export const TABLES = [
  'custody',
  'envelope',
  'key_version',
  'statement',
  'connection',
  'verification',
  'operation',
] as const;

export async function rowsOf(query: Query, table: string, organization: string): Promise<Row[]> {
  const text = `SELECT to_jsonb(t) AS row FROM ${table} t WHERE organization_id = $1`;
  return (await query(text, [organization])).map(({ row }) => row as Row);
}

export const insert = (query: Query, table: string, row: Row): Promise<unknown> =>
  query(`INSERT INTO ${table} SELECT * FROM jsonb_populate_record(NULL::${table}, $1::jsonb)`, [
    JSON.stringify(row),
  ]);

/** The organization's rows are these, and no others. */
export async function restore(
  query: Query,
  table: string,
  organization: string,
  rows: readonly Row[],
): Promise<void> {
  await query(`DELETE FROM ${table} WHERE organization_id = $1`, [organization]);
  for (const row of rows) await insert(query, table, row);
}

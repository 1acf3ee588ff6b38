import { Client } from 'pg';

/** Statements as PostgreSQL's superuser, on one connection: whoever is beyond every rule that the database keeps. */
export async function asSuperuser<T>(
  ownerUrl: string,
  work: (query: (text: string, values?: unknown[]) => Promise<Record<string, unknown>[]>) => Promise<T>,
): Promise<T> {
  const client = new Client({ connectionString: ownerUrl, connectionTimeoutMillis: 10_000 });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(async (text, values = []) => (await client.query(text, values)).rows);
  } finally {
    await client.end();
  }
}

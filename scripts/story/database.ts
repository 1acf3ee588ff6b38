import { join } from 'node:path';
import { Client } from 'pg';
import { migrate } from '../../prisma/migrate';
import { provideApplicationLogin } from '../parts/application-login';
import { startPostgres } from '../parts/postgres';
import { randomToken, secretFile } from './secrets';
import type { Starter } from './starter';

const DATABASE = 'smsk';

/** Migrated, with a login for the application. @returns the application's URL. */
export async function startDatabase(
  starter: Starter,
  options: { stateDir: string; durable: boolean; port: number },
  folder: string,
): Promise<string> {
  const { adminUrl } = await starter.part('PostgreSQL', startPostgres(options));
  const owner = new URL(adminUrl);
  owner.pathname = `/${DATABASE}`;
  await createDatabase(adminUrl);
  await migrate(owner.href);
  const password = secretFile(join(folder, 'database.password'), randomToken);
  return provideApplicationLogin(owner.href, password);
}

async function createDatabase(adminUrl: string): Promise<void> {
  const client = new Client({ connectionString: adminUrl });
  await client.connect();
  try {
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [DATABASE]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${DATABASE}`);
  } finally {
    await client.end();
  }
}

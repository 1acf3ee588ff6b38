import { Client } from 'pg';
import { migrate } from '../../prisma/migrate';
import { provideApplicationLogin } from '../../scripts/parts/application-login';

export const TEMPLATE = 'smsk_template';

/** Of the application's login, in tests. */
export const APPLICATION_PASSWORD = 'test';

/** The same address with another database. */
export function withDatabase(url: string, database: string): string {
  const changed = new URL(url);
  changed.pathname = `/${database}`;
  return changed.href;
}

/** Runs statements on a connection of their own. */
export async function execute(url: string, ...statements: readonly string[]): Promise<void> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  client.on('error', () => undefined);
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

/** Migrates once, for all test files to copy; nobody may connect to it after, as that would block copying. */
export async function makeTemplate(adminUrl: string): Promise<void> {
  await execute(adminUrl, `CREATE DATABASE ${TEMPLATE}`);
  const template = withDatabase(adminUrl, TEMPLATE);
  await migrate(template);
  await provideApplicationLogin(template, APPLICATION_PASSWORD);
  await execute(adminUrl, `ALTER DATABASE ${TEMPLATE} WITH IS_TEMPLATE true ALLOW_CONNECTIONS false`);
}

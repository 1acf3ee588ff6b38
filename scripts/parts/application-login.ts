import { Client } from 'pg';

/** What the migrations grant to; nobody logs in as it. */
const ROLE = 'smsk_app';
const LOGIN = 'smsk';

/** The address of the same database as the application's login. */
export function applicationLogin(adminUrl: string, password: string): string {
  const url = new URL(adminUrl);
  url.username = LOGIN;
  url.password = password;
  return url.href;
}

/**
 * Makes, if absent, the login by which the application reaches the migrated database at `adminUrl`: it owns
 * nothing and has what the migrations grant. Its password is the given one from now on. Answers its address.
 */
export async function provideApplicationLogin(adminUrl: string, password: string): Promise<string> {
  const client = new Client({ connectionString: adminUrl, connectionTimeoutMillis: 10_000 });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query(`
      DO $$ BEGIN
        CREATE ROLE ${LOGIN} LOGIN IN ROLE ${ROLE};
      EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
      END $$`);
    await client.query(`ALTER ROLE ${LOGIN} PASSWORD ${client.escapeLiteral(password)}`);
  } finally {
    await client.end();
  }
  return applicationLogin(adminUrl, password);
}

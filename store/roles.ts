import { Client } from 'pg';

/**
 * A login for the application on a migrated database: a member of `smsk_app`, which owns nothing. Answers the
 * address to connect with. May be repeated; the password is then the given one.
 * @param url of a role that may create roles, e.g. the one that migrated
 */
export async function createAppLogin(
  url: string,
  login: { name: string; password: string },
): Promise<string> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  client.on('error', () => undefined);
  await client.connect();
  try {
    const role = client.escapeIdentifier(login.name);
    const password = client.escapeLiteral(login.password);
    await repeatingCollisions(() =>
      client.query(`
      DO $do$ BEGIN CREATE ROLE ${role}; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $do$;
      ALTER ROLE ${role} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS INHERIT PASSWORD ${password};
      GRANT smsk_app TO ${role};`),
    );
  } finally {
    await client.end();
  }
  const address = new URL(url);
  address.username = login.name;
  address.password = login.password;
  return address.href;
}

/** Roles belong to the cluster; somebody may be making the same one for another database, and nobody waits. */
async function repeatingCollisions<T>(run: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await run();
    } catch (error) {
      const collided = error instanceof Error && error.message === 'tuple concurrently updated';
      if (!collided || attempt === 20) throw error;
    }
  }
}

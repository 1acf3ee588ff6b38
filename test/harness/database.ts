import { randomBytes } from 'node:crypto';
import { applicationLogin } from '../../scripts/parts/application-login';
import { APPLICATION_PASSWORD, execute, TEMPLATE, withDatabase } from './template';
import { provided } from './variables';

export interface TestDatabase {
  /** As the application: a login that owns nothing and has what the migrations grant. */
  readonly url: string;
  /** As PostgreSQL's superuser: for forging rows, and for looking where the application may not. */
  readonly ownerUrl: string;
  /** The superuser's connection to the database `postgres` of the same server. */
  readonly adminUrl: string;
  /** Ends whatever is still connected. */
  drop(): Promise<void>;
}

/** A migrated, empty database of the caller's own: a copy of the run's template, which takes some 40 ms. */
export async function freshDatabase(): Promise<TestDatabase> {
  const adminUrl = provided('postgres');
  const name = `test_${randomBytes(8).toString('hex')}`;
  await execute(adminUrl, `CREATE DATABASE ${name} TEMPLATE ${TEMPLATE}`);
  const ownerUrl = withDatabase(adminUrl, name);
  return {
    url: applicationLogin(ownerUrl, APPLICATION_PASSWORD),
    ownerUrl,
    adminUrl,
    drop: () => execute(adminUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
  };
}

import type { Pool } from 'pg';
import type { OrganizationId } from '../../../domain/ids';

/** History is append-only for everybody; in this database, not for the superuser, who puts rows back. */
const LET_US_PAST = `
  CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    IF TG_OP = 'DELETE' AND (SELECT rolsuper FROM pg_roles WHERE rolname = session_user) THEN RETURN NULL; END IF;
    RAISE EXCEPTION '%: % refused, history is append-only', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';
  END $$`;

/**
 * All rows of one organization, put aside and put back: an interleaving begins in the middle of a story without playing
 * what came before it again. As the superuser, and past the triggers, which is what they are there to prevent.
 */
export class Rows {
  private constructor(
    private readonly owner: Pool,
    private readonly tables: readonly string[],
  ) {}

  static async of(owner: Pool): Promise<Rows> {
    const { rows } = await owner.query<{ name: string }>(
      `SELECT table_name AS name FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
       WHERE table_schema = 'public' AND column_name = 'organization_id' AND table_type = 'BASE TABLE' ORDER BY 1`,
    );
    await owner.query('CREATE SCHEMA kept');
    await owner.query(LET_US_PAST);
    return new Rows(owner, ['organization', ...rows.map(({ name }) => name)]);
  }

  /** @returns what puts them back */
  async keep(organization: OrganizationId, name: string): Promise<() => Promise<void>> {
    const filled: string[] = [];
    for (const table of this.tables) {
      const copy = `kept."${name}/${table}"`;
      await this.owner.query(`CREATE UNLOGGED TABLE ${copy} AS SELECT * FROM ${where(table, organization)}`);
      const { rows } = await this.owner.query(`SELECT 1 FROM ${copy} LIMIT 1`);
      if (rows.length > 0) filled.push(table);
    }
    const text = [
      'BEGIN',
      'SET LOCAL session_replication_role = replica',
      ...this.tables.map((table) => `DELETE FROM ${where(table, organization)}`),
      ...filled.map((table) => `INSERT INTO "${table}" SELECT * FROM kept."${name}/${table}"`),
      'COMMIT',
    ].join(';');
    return async () => {
      await this.owner.query(text);
    };
  }
}

const where = (table: string, organization: OrganizationId): string =>
  `"${table}" WHERE ${table === 'organization' ? 'id' : 'organization_id'} = '${organization}'`;

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { withEngine } from './engine';

/**
 * Applies, in order, those of `prisma/migrations/*` that the database at `url` hasn't had yet, and answers
 * their names. Keeps Prisma's own books (`_prisma_migrations`): `prisma migrate deploy` elsewhere finds the
 * same state, and either may go on where the other stopped.
 *
 * @throws Error in Prisma's words, naming the migration, when one fails. PostgreSQL has then rolled back that
 *   migration's statements, unless it commits by itself.
 */
export async function migrate(url: string, folder = join(__dirname, 'migrations')): Promise<string[]> {
  return withEngine(url, async (engine) => {
    const { appliedMigrationNames } = await engine.applyMigrations({
      migrationsList: {
        baseDir: folder,
        lockfile: {
          path: 'migration_lock.toml',
          content: readFileSync(join(folder, 'migration_lock.toml'), 'utf8'),
        },
        shadowDbInitScript: '',
        migrationDirectories: migrationNames(folder).map((name) => ({
          path: name,
          migrationFile: {
            path: 'migration.sql',
            content: { tag: 'ok', value: readFileSync(join(folder, name, 'migration.sql'), 'utf8') },
          },
        })),
      },
      filters: { externalTables: [], externalEnums: [] },
    });
    return appliedMigrationNames;
  });
}

/** Folder names start with a timestamp: their order is the order of application. */
export function migrationNames(folder = join(__dirname, 'migrations')): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

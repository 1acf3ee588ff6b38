import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { processIdentity } from './identity';
import { waitUntil } from './wait';

/** Above every system's largest pid, so never a running process. */
const NOBODY = 4_194_304;

/**
 * Makes a cluster startable whose postmaster was killed. An orphan (its starter was killed, it wasn't) is shut
 * down first. PostgreSQL takes its lock file for stale only if nothing runs under the pid in it; a stranger who
 * got that pid since is told apart by its command line, and the pid replaced. The file itself must stay: the
 * rest of it lets PostgreSQL find out that backends of the killed postmaster still have its memory open.
 */
export async function clearStaleLock(data: string): Promise<void> {
  const lock = join(data, 'postmaster.pid');
  if (!existsSync(lock)) return;
  const pid = Number(readFileSync(lock, 'utf8').split('\n')[0]);
  const isOurs = () =>
    Number.isInteger(pid) && pid > 1 && (processIdentity(pid)?.includes(`-D ${data} `) ?? false);
  if (isOurs()) {
    signal(pid, 'SIGINT');
    if (!(await waitUntil(() => !isOurs(), 20_000))) signal(pid, 'SIGKILL');
    await waitUntil(() => !isOurs(), 5_000);
  }
  if (existsSync(lock) && processIdentity(pid) !== undefined) {
    const [, ...rest] = readFileSync(lock, 'utf8').split('\n');
    writeFileSync(lock, [NOBODY, ...rest].join('\n'));
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

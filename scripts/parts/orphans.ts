// What a part leaves in the state folder while it runs, so that the next start can end what a killed one left.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { processIdentity } from './identity';
import { waitUntil } from './wait';

interface PidRecord {
  readonly pid: number;
  readonly identity: string;
  readonly stopSignal: NodeJS.Signals;
}

const folder = (stateDir: string) => join(stateDir, 'pids');
const file = (stateDir: string, name: string) => join(folder(stateDir), `${name}.json`);

export function recordPid(stateDir: string, name: string, pid: number, stopSignal: NodeJS.Signals): void {
  const identity = processIdentity(pid);
  if (identity === undefined) return;
  mkdirSync(folder(stateDir), { recursive: true });
  const record: PidRecord = { pid, identity, stopSignal };
  writeFileSync(file(stateDir, name), JSON.stringify(record));
}

export function forgetPid(stateDir: string, name: string): void {
  rmSync(file(stateDir, name), { force: true });
}

/**
 * Ends what an earlier, killed run of this state folder left running; answers the names of what it ended.
 * A process is only touched if its start time and command line are still the recorded ones: its pid may
 * belong to a stranger by now.
 */
export async function reapOrphans(stateDir: string): Promise<string[]> {
  const names = list(folder(stateDir)).filter((entry) => entry.endsWith('.json'));
  const reaped = await Promise.all(
    names.map(async (entry) => {
      const name = entry.slice(0, -'.json'.length);
      const record = read(file(stateDir, name));
      const alive = () => record !== undefined && processIdentity(record.pid) === record.identity;
      const wasAlive = alive();
      if (record !== undefined && wasAlive) {
        signalGroup(record.pid, record.stopSignal);
        if (!(await waitUntil(() => !alive(), 10_000))) {
          signalGroup(record.pid, 'SIGKILL');
          await waitUntil(() => !alive(), 5_000);
        }
      }
      forgetPid(stateDir, name);
      return wasAlive ? [name] : [];
    }),
  );
  return reaped.flat();
}

/** Signals the process group that `pid` leads; a group that's gone already is no error. */
export function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function list(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

/** A half-written record (the run was killed while writing it) is as good as none. */
function read(path: string): PidRecord | undefined {
  try {
    const value = JSON.parse(readFileSync(path, 'utf8')) as Partial<PidRecord>;
    const { pid, identity, stopSignal } = value;
    if (typeof pid !== 'number' || pid <= 1 || identity === undefined || stopSignal === undefined)
      return undefined;
    return { pid, identity, stopSignal };
  } catch {
    return undefined;
  }
}

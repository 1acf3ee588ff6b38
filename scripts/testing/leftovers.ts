import { readdirSync, readFileSync } from 'node:fs';

/**
 * Processes that a test run left behind, told by a variable which they inherited, as `pid command`. What was
 * started with an environment of its own isn't found. Linux only: elsewhere there's nothing to read, hence none.
 */
export function leftovers(variable: string, value: string): { pid: number; command: string }[] {
  const mark = `${variable}=${value}`;
  return pids().flatMap((pid) => {
    try {
      const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
      if (!environment.includes(mark)) return [];
      return [{ pid, command: readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').join(' ').trim() }];
    } catch {
      // Ended meanwhile, or somebody else's.
      return [];
    }
  });
}

function pids(): number[] {
  try {
    return readdirSync('/proc')
      .map(Number)
      .filter((pid) => Number.isInteger(pid) && pid > 1 && pid !== process.pid);
  } catch {
    return [];
  }
}

import { existsSync, readFileSync } from 'node:fs';
import { median } from '../bench/pairs';

/** Resident memory of processes, in MiB, sampled over the soak's second half. */
export class Memory {
  readonly #samples = new Map<string, number[]>();

  sample(processes: ReadonlyMap<string, number>): void {
    for (const [name, pid] of processes) {
      const mib = residentMib(pid);
      if (mib === null) continue;
      const samples = this.#samples.get(name) ?? [];
      samples.push(mib);
      this.#samples.set(name, samples);
    }
  }

  /** Per process: the median of the last third over that of the first. Flat is 1. */
  growth(): Record<string, { readonly firstMib: number; readonly lastMib: number; readonly ratio: number }> {
    return Object.fromEntries(
      [...this.#samples].map(([name, samples]) => {
        const third = Math.ceil(samples.length / 3);
        const [firstMib, lastMib] = [median(samples.slice(0, third)), median(samples.slice(-third))];
        return [name, { firstMib, lastMib, ratio: lastMib / firstMib }];
      }),
    );
  }
}

/** `VmRSS` of proc(5); `null` while a process that was killed isn't up again. */
function residentMib(pid: number): number | null {
  const file = `/proc/${pid}/status`;
  if (!existsSync(file)) return null;
  const kib = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(file, 'utf8'))?.[1];
  return kib === undefined ? null : Math.round(Number(kib) / 1024);
}

import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { BenchResult } from './result';

// Otherwise each measurement would pay for some of the garbage that the one before it made.
setFlagsFromString('--expose-gc');
export const collectGarbage = runInNewContext('gc') as () => void;

interface Comparison {
  readonly name: string;
  readonly unit: string;
  readonly pairs: number;
  /** `at-least`: a rate, more is better. `at-most`: a duration. */
  readonly bound: 'at-least' | 'at-most';
  readonly target: number;
}

const WARM_UPS = 2;

/** Measures once, in the comparison's unit. */
export type Measure = () => Promise<number>;

/**
 * Ours and the reference in turn, each pair its own ratio: what else the machine does meanwhile burdens both.
 * Who goes first alternates, so that neither always pays for what the other left behind.
 */
export async function comparePairs(
  { name, unit, pairs: count, bound, target }: Comparison,
  ours: Measure,
  reference: Measure,
): Promise<BenchResult> {
  const measure = async (which: Measure): Promise<number> => {
    await setImmediate();
    collectGarbage();
    return which();
  };
  for (let i = 0; i < WARM_UPS; i += 1) {
    await measure(ours);
    await measure(reference);
  }
  const pairs: { ours: number; reference: number }[] = [];
  for (let i = 0; i < count; i += 1) {
    const first = await measure(i % 2 === 0 ? ours : reference);
    const second = await measure(i % 2 === 0 ? reference : ours);
    pairs.push(i % 2 === 0 ? { ours: first, reference: second } : { ours: second, reference: first });
  }
  const ratios = pairs.map((pair) => pair.ours / pair.reference);
  const ratio = median(ratios);
  return {
    name,
    value: median(pairs.map((pair) => pair.ours)),
    unit,
    reference: median(pairs.map((pair) => pair.reference)),
    ratio,
    target,
    bound,
    ok: bound === 'at-least' ? ratio >= target : ratio <= target,
    spread: [Math.min(...ratios), Math.max(...ratios)],
  };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** Seconds of CPU that `work` took: all threads of the process, so that collecting its garbage counts. */
export async function cpuSeconds(work: () => void | Promise<void>): Promise<number> {
  const start = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1e6;
}

import { setTimeout as pause } from 'node:timers/promises';
import { inFolder } from '../bench/folder';
import { endsWell, histories, violatedRows } from './checks';
import { FAULTS } from './faults';
import { Memory } from './memory';
import { Random } from './random';
import { openSoakWorld, type SoakWorld } from './world';

/** Between the beginnings of two faults, in milliseconds. */
const FAULT_EVERY = [2_000, 7_000] as const;
const SAMPLE_EVERY_MS = 5_000;
/** Larger at the end of the watched half than at its beginning by so much: a leak. */
const MOST_GROWTH = 1.25;

interface Soak {
  readonly minutes: number;
  readonly seed: number;
  say(line: string): void;
}

export interface Report {
  readonly seed: number;
  readonly minutes: number;
  readonly faults: Readonly<Record<string, number>>;
  readonly operations: { readonly answered: number; readonly refused: number };
  readonly read: number;
  readonly memory: ReturnType<Memory['growth']>;
  readonly histories: Awaited<ReturnType<typeof histories>>;
  readonly violations: readonly string[];
}

/** Traffic, faults, and what must hold all the while and at the end. Never throws for a violation. */
export const soak = ({ minutes, seed, say }: Soak): Promise<Report> =>
  inFolder(async (stateDir, parts) => {
    const violations: string[] = [];
    const violated = (what: string): void => {
      if (!violations.includes(what)) say(`VIOLATED ${what}`);
      violations.push(what);
    };
    say(`seed ${seed}; the customers are activated first`);
    const world = await openSoakWorld(stateDir, parts, violated);
    for (const subject of world.subjects) subject.start();
    const memory = new Memory();
    const random = new Random(seed);
    const counts: Record<string, number> = {};
    const running = new Set<Promise<void>>();
    const [start, lastsMs] = [performance.now(), minutes * 60_000];
    const passed = () => performance.now() - start;
    const watching = watch(world, memory, () => passed() / lastsMs, violated, say);

    while (passed() < lastsMs) {
      const isSecondHalf = passed() > lastsMs / 2;
      const fault = random.of(FAULTS.filter(({ ends }) => !(ends && isSecondHalf)));
      counts[fault.name] = (counts[fault.name] ?? 0) + 1;
      const run = fault
        .run(world, random)
        .catch((error: unknown) => violated(`${fault.name}: ${String(error)}`))
        .finally(() => running.delete(run));
      running.add(run);
      await pause(random.between(...FAULT_EVERY));
    }
    await Promise.all(running);
    await watching;
    say('quiet: everything must come to its end by itself');
    await endsWell(world, violated);
    for (const subject of world.subjects) await subject.stop();
    let read = 0;
    for (const subject of world.subjects) read += await subject.readAll();

    const growth = memory.growth();
    for (const [name, { ratio }] of Object.entries(growth)) {
      if (ratio > MOST_GROWTH) violated(`memory of ${name} grew to ${ratio.toFixed(2)} of what it was`);
    }
    const sum = (of: 'answered' | 'refused') => world.subjects.reduce((all, each) => all + each[of], 0);
    return {
      ...{ seed, minutes, faults: counts, read, violations, memory: growth },
      operations: { answered: sum('answered'), refused: sum('refused') },
      histories: await histories(world, violated),
    };
  });

/** Until the faults' end: rows that nothing explains, and in the second half memory. */
async function watch(
  world: SoakWorld,
  memory: Memory,
  share: () => number,
  violated: (what: string) => void,
  say: (line: string) => void,
): Promise<void> {
  for (let round = 1; share() < 1; round++) {
    await pause(SAMPLE_EVERY_MS);
    if (share() > 0.5) memory.sample(world.pids());
    if (round % 12 !== 0) continue;
    await violatedRows(world, violated);
    const answered = world.subjects.reduce((all, each) => all + each.answered, 0);
    say(`${Math.round(share() * 100)} %, ${answered} operations answered`);
  }
}

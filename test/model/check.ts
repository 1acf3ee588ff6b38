import fc from 'fast-check';
import { type Interleaving, interleavings } from './moves/move';
import type { Start } from './world/starts';

/** How to play what failed again, and how much to play: see docs/TESTING.md. */
export interface Wanted {
  readonly runs: number;
  /** In one interleaving, at most. */
  readonly moves: number;
  readonly seed: number;
  readonly path: string | null;
  /** The seed wasn't asked for: what it comes to is known. */
  readonly isUsual: boolean;
}

/** Of a run that asks for no other: who merges something else isn't to meet what a fresh seed finds. */
const SEED = 20_261_128;

export function wanted(runs: number, env: NodeJS.ProcessEnv = process.env): Wanted {
  const {
    SMSK_MODEL_RUNS: many,
    SMSK_MODEL_SEED: seed,
    SMSK_MODEL_PATH: path,
    SMSK_MODEL_MOVES: moves,
  } = env;
  return {
    runs: many === undefined ? runs : Number(many),
    moves: Number(moves ?? 9),
    seed: seed === 'new' ? Date.now() % 0x7fff_ffff : Number(seed ?? SEED),
    path: path ?? null,
    isUsual: seed === undefined,
  };
}

/** What was done how often, by name and outcome: so that what is never reached is seen. */
export type Tally = Map<string, number>;

/**
 * Plays `runs` interleavings of one organization, one after the other.
 * @throws Error with the seed, the path and the shortest list of moves that fails
 */
export async function check(
  starts: readonly Start[],
  { runs, moves, seed, path }: Wanted,
  tally: Tally,
): Promise<void> {
  const property = fc.asyncProperty(interleavings(starts.length, moves), async (interleaving) => {
    await played(starts, interleaving, tally);
  });
  const details = await fc.check(property, {
    numRuns: runs,
    seed,
    ...(path === null ? {} : { path }),
  });
  if (!details.failed) return;
  const [smallest] = details.counterexample ?? [];
  throw new Error(
    [
      `${String(details.errorInstance)}`,
      `SMSK_MODEL_SEED=${details.seed} SMSK_MODEL_PATH=${details.counterexamplePath}`,
      `begins: ${starts[smallest?.start ?? 0]?.name}`,
      ...(smallest?.moves ?? []).map((each) => JSON.stringify(each)),
      ...(smallest?.toItsEnd ? ['and then to its end'] : []),
    ].join('\n'),
    { cause: details.errorInstance },
  );
}

async function played(starts: readonly Start[], { start, moves, toItsEnd }: Interleaving, tally: Tally) {
  const play = await starts[start]?.begin();
  if (play === undefined) throw new Error('no such start');
  for (const move of moves) await play.play(move);
  await play.end(toItsEnd);
  for (const told of play.story) tally.set(told.trim(), (tally.get(told.trim()) ?? 0) + 1);
}

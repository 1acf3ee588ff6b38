import { ApplicationFailure } from '@temporalio/common';
import { type Disturbance, GivenUp } from '../world/turmoil';
import type { World } from '../world/world';
import type { Process, Run, Step } from './run';

/** As often as Temporal tries, at least. */
const ATTEMPTS = 3;

/** The code that it was refused with; `null`: it was done. */
export type Refused = string | null;

/**
 * One step as Temporal has it carried out: again with the same input, until it's done or refused for good. What goes
 * wrong goes wrong with the first attempt.
 */
export async function carriedOut(
  world: World,
  process: Pick<Process, 'isLeft'>,
  run: Run,
  step: Step,
  disturbance: Disturbance | null,
): Promise<Refused> {
  for (let attempt = 0; ; attempt += 1) {
    const act = () => world.within(step.act);
    try {
      const standing =
        attempt === 0 && disturbance !== null ? await world.turmoil.disturbed(disturbance, act) : await act();
      arrive(process, run, step, standing);
      return null;
    } catch (error) {
      if (error instanceof GivenUp) continue;
      if (!(error instanceof ApplicationFailure)) throw error;
      if (error.nonRetryable || attempt + 1 >= ATTEMPTS) return error.type ?? 'INTERNAL';
    }
  }
}

function arrive(
  process: Pick<Process, 'isLeft'>,
  run: Run,
  { name }: Step,
  standing: Run['standing'] | null,
): void {
  run.done.add(name);
  if (standing === null) return;
  // What was done counts for the stage it was done at; a verification leads nowhere but to the next step.
  const isElsewhere = standing.stage !== run.standing.stage || standing.holdsLock !== run.standing.holdsLock;
  if (isElsewhere) run.done.clear();
  stands(process, run, standing);
}

function stands(process: Pick<Process, 'isLeft'>, run: Run, standing: Run['standing']): void {
  run.standing = standing;
  if (standing.stage === 'closed') run.over = !(process.isLeft?.(run) ?? false);
}

/** The run's next step, and what it does where that is refused. @returns its name, and what it was refused with */
export async function advance(
  world: World,
  process: Process,
  run: Run,
  disturbance: Disturbance | null,
): Promise<{ readonly name: string; readonly refused: Refused } | null> {
  let step: Step | null;
  try {
    step = await world.within(() => process.next(world, run));
  } catch (error) {
    if (!(error instanceof ApplicationFailure)) throw error;
    await refused(world, process, run, error.type ?? 'INTERNAL');
    return { name: 'next', refused: error.type ?? 'INTERNAL' };
  }
  if (step === null) return null;
  const code = await carriedOut(world, process, run, step, disturbance);
  if (code !== null) await refused(world, process, run, code);
  return { name: step.name, refused: code };
}

const OUT_OF_STEP = new Set(['STAGE_MISMATCH', 'ACTOR_INVALID']);

/** As the workflow: superseded it ends, out of step it reads again where it stands, else it gives up what it was at. */
export async function refused(world: World, process: Process, run: Run, code: string): Promise<void> {
  if (code === 'OPERATION_STALE') {
    run.over = true;
    return;
  }
  if (OUT_OF_STEP.has(code)) return resync(world, process, run);
  const given = process.gaveUp(world, run, code);
  if (given === null) return;
  const again = await carriedOut(world, process, run, given, null);
  if (again === 'OPERATION_STALE') run.over = true;
  else if (again !== null) await resync(world, process, run);
}

async function resync(world: World, process: Process, run: Run): Promise<void> {
  try {
    const standing = await world.within(() => process.claim(world, run.claimant, null));
    run.done.clear();
    stands(process, run, standing);
  } catch (error) {
    if (!(error instanceof ApplicationFailure)) throw error;
    run.over = true;
  }
}

import type { Step as Named, Standing } from '../../../activities/step';
import type { OperationKind } from '../../../domain/custody';
import type { OperationId } from '../../../domain/ids';
import type { World } from '../world/world';

/** One workflow run, reduced to what it does: it calls one activity after the other, by what it believes. */
export interface Run {
  readonly kind: OperationKind;
  /** Its run id. */
  readonly claimant: string;
  standing: Standing;
  /** Steps that it has had an answer for, since its operation last moved. */
  done: Set<string>;
  /** Tries with the operator's key. */
  tries: number;
  /** Ended, or superseded and aware of it. */
  over: boolean;
}

/** An activity to call, with its input: what is tried again is the very same. */
export interface Step {
  readonly name: string;
  /** @returns where the operation stands then; `null`: as before */
  readonly act: () => Promise<Standing | null>;
}

/** How one kind of operation goes. A kind that is added here is in every interleaving. */
export interface Process {
  readonly kind: OperationKind;
  /** @param asked `null`: for nothing, by nobody; a run that goes on, or takes over */
  claim(world: World, claimant: string, asked: Asked | null): Promise<Standing>;
  /**
   * `null`: nothing is left to do.
   * @param at what it goes by, where that isn't what it says: a step of another stage than the operation is at
   */
  next(world: World, run: Run, at?: Pick<Standing, 'stage' | 'holdsLock'>): Promise<Step | null>;
  /** What the run does where a step was refused for good. */
  gaveUp(world: World, run: Run, code: string): Step | null;
  /** Ends it before its switch. */
  cancel(world: World, run: Run): Step;
  /** Whether something is left to do after such an end. */
  isLeft?(run: Run): boolean;
}

export interface Asked {
  readonly by: 'support' | null;
  readonly newKeyVersion: boolean;
  /** Started only to go on with this operation, whose run was lost. */
  readonly only?: OperationId;
}

export const newRun = (kind: OperationKind, claimant: string, standing: Standing): Run => ({
  ...{ kind, claimant, standing },
  done: new Set(),
  tries: 0,
  over: false,
});

export const copyOf = (run: Run): Run => ({ ...run, done: new Set(run.done) });

/** Where the run believes that its operation stands. */
export const placeOf = ({ standing: { organization, operationId, epoch, stage } }: Run) => ({
  ...{ organization, operationId, epoch, stage },
});

export const stepOf = (run: Run, key: string): Named => ({ ...placeOf(run), key });

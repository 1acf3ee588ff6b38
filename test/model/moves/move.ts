import fc from 'fast-check';
import { OPERATION_STAGES, type OperationStage } from '../../../domain/stages';
import { PROCESSES } from '../runs';
import { OPERATORS } from '../runs/people';
import { KEYS, SWITCHES, type Switch, type WhichKey } from '../world/customer';
import type { Disturbance } from '../world/turmoil';

export const MESSAGES = ['connect', 'verify', 'plan', 'approve', 'reject', 'forge'] as const;

/** Something that happens, as data: a failing interleaving is printed, and played again, as a list of these. */
export type Move =
  /** A run takes its next step. `who`: how many runs ago it began, the newest is 0; an older one may not know that it was superseded. */
  | { readonly do: 'step'; readonly who: number; readonly disturbance: Disturbance | null }
  /** A run whose history says that its operation stands elsewhere, as after a reset. */
  | {
      readonly do: 'misled';
      readonly who: number;
      readonly stage: OperationStage;
      readonly holdsLock: boolean;
    }
  /** A worker that isn't ours: it says truly where the operation stands, and takes the step of another stage. */
  | {
      readonly do: 'hasty';
      readonly who: number;
      readonly stage: OperationStage;
      readonly holdsLock: boolean;
    }
  /** A new run of the operation that is open. */
  | { readonly do: 'take-over' }
  /** A new run: it opens the operation, or takes the open one over. */
  | {
      readonly do: 'begin';
      readonly kind: number;
      readonly by: 'support' | null;
      readonly newKeyVersion: boolean;
    }
  | { readonly do: 'let-go' }
  | { readonly do: 'cancel'; readonly who: number }
  | { readonly do: 'message'; readonly what: (typeof MESSAGES)[number] }
  | { readonly do: 'order'; readonly what: 'order' | 'withdrawal' }
  /** Who would approve for the operator: one of them may. */
  | { readonly do: 'operator'; readonly who: keyof typeof OPERATORS }
  /** `off` is noticed at once, by whoever reads then, and so is `blink`, which is off and on again. */
  | {
      readonly do: 'customer';
      readonly key: WhichKey;
      readonly what: Switch;
      readonly to: 'off' | 'unnoticed' | 'blink' | 'on';
    }
  | { readonly do: 'customer-rotates'; readonly key: WhichKey }
  /** The operator's key goes on answering for a while after it was disabled. */
  | { readonly do: 'platform-lags' }
  | { readonly do: 'content'; readonly what: 'encrypt' | 'decrypt'; readonly which: number }
  | { readonly do: 'recovery'; readonly what: 'open' | 'prove'; readonly disturbance: Disturbance | null };

const disturbance: fc.Arbitrary<Disturbance> = fc.record({
  kind: fc.constantFrom('lost-before', 'answer-lost', 'twice', 'hangs'),
  at: fc.nat({ max: 4 }),
});
const perhaps = fc.oneof({ arbitrary: fc.constant(null), weight: 2 }, { arbitrary: disturbance, weight: 1 });
const who = fc.oneof(
  { arbitrary: fc.constant(0), weight: 5 },
  { arbitrary: fc.constant(1), weight: 2 },
  { arbitrary: fc.constant(2), weight: 1 },
);
const key = fc.oneof(
  { arbitrary: fc.constant('entered' as const), weight: 2 },
  { arbitrary: fc.constantFrom(...KEYS), weight: 1 },
);
const elsewhere = { who, stage: fc.constantFrom(...OPERATION_STAGES), holdsLock: fc.boolean() };
const always = <T extends string>(name: T) => fc.constant(name);

const move: fc.Arbitrary<Move> = fc.oneof(
  { weight: 14, arbitrary: fc.record({ do: always('step'), who, disturbance: perhaps }) },
  { weight: 1, arbitrary: fc.record({ do: always('misled'), ...elsewhere }) },
  { weight: 2, arbitrary: fc.record({ do: always('hasty'), ...elsewhere }) },
  { weight: 3, arbitrary: fc.record({ do: always('take-over') }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: always('begin'),
      kind: fc.nat({ max: PROCESSES.length - 1 }),
      by: fc.constantFrom('support' as const, null),
      newKeyVersion: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: always('let-go') }) },
  { weight: 1, arbitrary: fc.record({ do: always('cancel'), who }) },
  { weight: 1, arbitrary: fc.record({ do: always('message'), what: fc.constantFrom(...MESSAGES) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: always('operator'),
      who: fc.constantFrom('starter' as const, ...(Object.keys(OPERATORS) as (keyof typeof OPERATORS)[])),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: always('order'),
      what: fc.constantFrom('order' as const, 'withdrawal' as const),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: always('customer'),
      key,
      what: fc.constantFrom(...SWITCHES),
      to: fc.constantFrom('off' as const, 'unnoticed' as const, 'blink' as const, 'on' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: always('customer-rotates'), key }) },
  { weight: 1, arbitrary: fc.record({ do: always('platform-lags') }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: always('content'),
      what: fc.constantFrom('encrypt' as const, 'decrypt' as const),
      which: fc.nat({ max: 3 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: always('recovery'),
      what: fc.constantFrom('open' as const, 'prove' as const),
      disturbance: perhaps,
    }),
  },
);

export interface Interleaving {
  /** Where it begins: a place in the list of starts. */
  readonly start: number;
  readonly moves: readonly Move[];
  /** Whether it's played to its end in fair weather, instead of only looked at. */
  readonly toItsEnd: boolean;
}

/** @param most moves, in one interleaving */
export const interleavings = (starts: number, most: number): fc.Arbitrary<Interleaving> =>
  fc.record({
    start: fc.nat({ max: starts - 1 }),
    moves: fc.array(move, { minLength: 2, maxLength: most, size: 'max' }),
    toItsEnd: fc.nat({ max: 19 }).map((n) => n === 19),
  });

import { z } from 'zod';

/**
 * Injected failures. A fault applies to the requests its `match` names (absent members match anything), `count`
 * times or until it's cleared. Where several match, delays and holds add up and the first of the others decides.
 * Each emulator has its own `match` and its own shape of error; what happens to connections is the same for all.
 */

/** `before`: lost on the way in, nothing happened. `after`: done, but the answer is lost. */
const when = z.enum(['before', 'after']).default('before');
const headers = z.record(z.string(), z.string()).optional();
const status = z.int().min(100).max(599);

/** Members that errors of every emulator have; `body` replaces the service's own shape altogether. */
export const errorMembers = {
  kind: z.literal('error'),
  code: z.string(),
  status: status.default(400),
  message: z.string().default(''),
  headers,
  requestId: z.string().optional(),
  body: z.string().optional(),
};

export const connectionEffects = [
  z.strictObject({ kind: z.literal('latency'), ms: z.number().min(0) }),
  /** Waits until the fault is cleared, then goes on: a gate for tests. */
  z.strictObject({ kind: z.literal('hold'), when }),
  z.strictObject({ kind: z.literal('reset'), when }),
  /** The connection stays open and is never answered. */
  z.strictObject({ kind: z.literal('hang'), when }),
  z.strictObject({
    kind: z.literal('malformed'),
    when,
    status: status.default(200),
    headers,
    body: z.string().default('<<<'),
  }),
] as const;

export type ConnectionEffect = z.output<(typeof connectionEffects)[number]>;

/** Where a fault applies, what it does, and how often. */
export interface FaultOf<Match, Effect> {
  readonly match: Match;
  readonly effect: Effect;
  readonly count?: number | undefined;
}

interface Armed<Fault> {
  readonly id: string;
  readonly fault: Fault;
  left: number;
  hits: number;
  readonly cleared: Promise<void>;
  readonly clear: () => void;
}

export interface Hit<Effect> {
  readonly id: string;
  readonly effect: Effect;
  /** Resolves when the fault is cleared. */
  readonly cleared: Promise<void>;
}

export class FaultList<Input, Match, Effect, Facts> {
  readonly #armed = new Map<string, Armed<FaultOf<Match, Effect>>>();
  #next = 1;

  constructor(
    /** @throws ZodError */
    private readonly parse: (input: unknown) => FaultOf<Match, Effect>,
    private readonly matches: (match: Match, facts: Facts) => boolean,
  ) {}

  /** @throws ZodError */
  inject(input: Input): string {
    return this.injectUnknown(input);
  }

  /** @throws ZodError */
  injectUnknown(input: unknown): string {
    const fault = this.parse(input);
    const id = `fault-${this.#next++}`;
    let clear = (): void => {};
    const cleared = new Promise<void>((resolve) => {
      clear = resolve;
    });
    this.#armed.set(id, {
      id,
      fault,
      left: fault.count ?? Number.POSITIVE_INFINITY,
      hits: 0,
      cleared,
      clear,
    });
    return id;
  }

  /** One fault, or all of them. */
  clear(id?: string): void {
    for (const armed of id === undefined ? [...this.#armed.values()] : [this.#armed.get(id)]) {
      if (armed === undefined) continue;
      this.#armed.delete(armed.id);
      armed.clear();
    }
  }

  list(): readonly { id: string; fault: FaultOf<Match, Effect>; hits: number }[] {
    return [...this.#armed.values()].map(({ id, fault, hits }) => ({ id, fault, hits }));
  }

  hitsOf(id: string): number {
    return this.#armed.get(id)?.hits ?? 0;
  }

  /** The faults that apply to this request; each is counted down. A used-up one stays listed until cleared. */
  take(facts: Facts): readonly Hit<Effect>[] {
    if (this.#armed.size === 0) return [];
    const hits: Hit<Effect>[] = [];
    for (const armed of this.#armed.values()) {
      if (armed.left <= 0 || !this.matches(armed.fault.match, facts)) continue;
      armed.left -= 1;
      armed.hits += 1;
      hits.push({ id: armed.id, effect: armed.fault.effect, cleared: armed.cleared });
    }
    return hits;
  }
}

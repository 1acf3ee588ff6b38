import { z } from 'zod';

/**
 * Injected failures. A fault applies to the requests its `match` names (absent members match anything), `count`
 * times or until it's cleared. Where several match, delays and holds add up and the first of the others decides.
 */
const matchSchema = z.strictObject({
  service: z.enum(['kms', 'sts', 'iam']).optional(),
  action: z.string().optional(),
  region: z.string().optional(),
  /** Key id, key ARN or alias, as the request names it or as it resolves. */
  keyId: z.string().optional(),
  roleArn: z.string().optional(),
  /** Account of whoever signed. */
  principalAccount: z.string().optional(),
});

/** `before`: lost on the way in, nothing happened. `after`: done, but the answer is lost. */
const when = z.enum(['before', 'after']).default('before');
const headers = z.record(z.string(), z.string()).optional();

const effectSchema = z.discriminatedUnion('kind', [
  /** An error in the service's own shape; `body` replaces that shape altogether. */
  z.strictObject({
    kind: z.literal('error'),
    code: z.string(),
    status: z.int().min(100).max(599).default(400),
    message: z.string().default(''),
    headers,
    requestId: z.string().optional(),
    body: z.string().optional(),
  }),
  z.strictObject({ kind: z.literal('latency'), ms: z.number().min(0) }),
  /** Waits until the fault is cleared, then goes on: a gate for tests. */
  z.strictObject({ kind: z.literal('hold'), when }),
  z.strictObject({ kind: z.literal('reset'), when }),
  /** The connection stays open and is never answered. */
  z.strictObject({ kind: z.literal('hang'), when }),
  z.strictObject({
    kind: z.literal('malformed'),
    when,
    status: z.int().min(100).max(599).default(200),
    headers,
    body: z.string().default('<<<'),
  }),
]);

export const faultSchema = z.strictObject({
  match: matchSchema.default({}),
  effect: effectSchema,
  count: z.int().min(1).optional(),
});

export type FaultInput = z.input<typeof faultSchema>;
export type Fault = z.output<typeof faultSchema>;
export type Effect = Fault['effect'];

/** What's known of a request when faults are matched. */
export interface FaultFacts {
  readonly service: string;
  readonly action: string;
  readonly region: string;
  readonly principalAccount: string | undefined;
  readonly roleArn: string | undefined;
  readonly keyNames: () => readonly string[];
}

interface Armed {
  readonly id: string;
  readonly fault: Fault;
  left: number;
  hits: number;
  readonly cleared: Promise<void>;
  readonly clear: () => void;
}

export interface Hit {
  readonly id: string;
  readonly effect: Effect;
  /** Resolves when the fault is cleared. */
  readonly cleared: Promise<void>;
}

export class Faults {
  readonly #armed = new Map<string, Armed>();
  #next = 1;

  /** @throws ZodError */
  inject(input: FaultInput): string {
    const fault = faultSchema.parse(input);
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

  list(): readonly { id: string; fault: Fault; hits: number }[] {
    return [...this.#armed.values()].map(({ id, fault, hits }) => ({ id, fault, hits }));
  }

  /** The faults that apply to this request; each is counted down. A used-up one stays listed until cleared. */
  take(facts: FaultFacts): readonly Hit[] {
    if (this.#armed.size === 0) return none;
    const hits: Hit[] = [];
    for (const armed of this.#armed.values()) {
      if (armed.left <= 0 || !matches(armed.fault.match, facts)) continue;
      armed.left -= 1;
      armed.hits += 1;
      hits.push({ id: armed.id, effect: armed.fault.effect, cleared: armed.cleared });
    }
    return hits;
  }
}

const none: readonly Hit[] = [];

function matches(match: Fault['match'], facts: FaultFacts): boolean {
  return (
    (match.service === undefined || match.service === facts.service) &&
    (match.action === undefined || match.action === facts.action) &&
    (match.region === undefined || match.region === facts.region) &&
    (match.principalAccount === undefined || match.principalAccount === facts.principalAccount) &&
    (match.roleArn === undefined || match.roleArn === facts.roleArn) &&
    (match.keyId === undefined || facts.keyNames().includes(match.keyId))
  );
}

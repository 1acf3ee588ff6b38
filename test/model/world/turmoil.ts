import { AsyncLocalStorage } from 'node:async_hooks';
import { Effects } from '../../fakes/effects';

/** What goes wrong with one attempt of an activity, and at which of its side effects. */
export interface Disturbance {
  readonly kind: 'lost-before' | 'answer-lost' | 'twice' | 'hangs';
  readonly at: number;
}

interface Attempt {
  readonly disturbance: Disturbance;
  readonly gate: Promise<void>;
  readonly arrive: () => void;
  effects: number;
}

/** One that hangs until it's let go: Temporal has given it up meanwhile, and it doesn't know. */
export interface Hanging {
  /** @returns when it has come to its end, whatever that is */
  letGo(): Promise<void>;
}

/** Side effects of one organization; which attempt of which activity each belongs to is known by its async context. */
export class Turmoil extends Effects {
  readonly #attempts = new AsyncLocalStorage<Attempt>();
  /** Those that hang now, the oldest first. */
  readonly hanging: Hanging[] = [];

  override async run<T>(name: string, effect: () => Promise<T>): Promise<T> {
    const attempt = this.#attempts.getStore();
    if (attempt === undefined) return effect();
    attempt.effects += 1;
    const { at, kind } = attempt.disturbance;
    if (attempt.effects - 1 !== at) return effect();
    switch (kind) {
      case 'lost-before':
        throw new Error(`${name}: lost before it was done`);
      case 'answer-lost':
        await effect();
        throw new Error(`${name}: done, but the answer was lost`);
      case 'twice':
        await effect();
        return effect();
      case 'hangs':
        attempt.arrive();
        await attempt.gate;
        return effect();
      default: {
        const unknown: never = kind;
        throw new Error(`unknown ${String(unknown)}`);
      }
    }
  }

  /** @throws {@link GivenUp} where it hangs: the caller's next attempt begins while this one is under way. */
  async disturbed<T>(disturbance: Disturbance, attempt: () => Promise<T>): Promise<T> {
    let letGo = () => {};
    const gate = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    let arrive = () => {};
    const arrived = new Promise<'hangs'>((resolve) => {
      arrive = () => resolve('hangs');
    });
    const outcome = this.#attempts.run({ disturbance, gate, arrive, effects: 0 }, attempt);
    const ended = outcome.then(
      () => undefined,
      () => undefined,
    );
    if ((await Promise.race([ended, arrived])) !== 'hangs') return outcome;
    this.hanging.push({
      letGo: () => {
        letGo();
        return ended;
      },
    });
    throw new GivenUp();
  }
}

/** Its heartbeat timed out. */
export class GivenUp extends Error {
  override readonly name = 'GivenUp';
}

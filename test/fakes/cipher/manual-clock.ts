import type { Clock } from '../../../cipher/clock';

/** A clock that tests move. Turns are microtasks unless the test says otherwise. */
export class ManualClock implements Clock {
  #now = 1_000;
  #timers: { at: number; then: () => void }[] = [];
  turns = 0;

  now(): number {
    return this.#now;
  }

  after(ms: number, then: () => void): () => void {
    const timer = { at: this.#now + ms, then };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((each) => each !== timer);
    };
  }

  turn(): Promise<void> {
    this.turns++;
    return Promise.resolve();
  }

  /** Timers that were neither called nor cancelled. */
  get pending(): number {
    return this.#timers.length;
  }

  /** Lets `ms` pass, calling what is due in order of its time. */
  pass(ms: number): void {
    const until = this.#now + ms;
    for (;;) {
      const due = this.#timers.filter((timer) => timer.at <= until).sort((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      this.#timers = this.#timers.filter((timer) => timer !== due);
      this.#now = Math.max(this.#now, due.at);
      due.then();
    }
    this.#now = until;
  }
}

/** Lets everything run that needs no timer and no I/O. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 3; i++) await new Promise<void>((resolve) => setImmediate(resolve));
}

import { abortable } from './abortable';

/**
 * One piece of work that several callers wait for, each until its own signal aborts. The work is aborted when
 * the last of them has gone, so it can't outlive everybody's deadline.
 */
export class Flight<T> {
  readonly #outcome: Promise<T>;
  readonly #abort = new AbortController();
  #waiting = 0;

  constructor(work: (signal: AbortSignal) => Promise<T>) {
    this.#outcome = work(this.#abort.signal);
    // Every waiter may have left before it fails.
    this.#outcome.catch(() => {});
  }

  get abandoned(): boolean {
    return this.#abort.signal.aborted;
  }

  async join(signal: AbortSignal): Promise<T> {
    this.#waiting += 1;
    try {
      return await abortable(this.#outcome, signal);
    } finally {
      this.#waiting -= 1;
      if (this.#waiting === 0) this.#abort.abort();
    }
  }
}

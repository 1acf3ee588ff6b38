/** Time as the cipher needs it, so that tests decide when it passes. */
export interface Clock {
  /** Monotonic milliseconds; only differences mean something. */
  now(): number;
  /** Calls `then` once, `ms` from now. @returns its cancellation. */
  after(ms: number, then: () => void): () => void;
  /** The next turn of the event loop: what is ready now (sockets, timers) is handled first. */
  turn(): Promise<void>;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  after(ms, then) {
    const timer = setTimeout(then, ms);
    return () => clearTimeout(timer);
  },
  turn: () => new Promise((resolve) => setImmediate(resolve)),
};

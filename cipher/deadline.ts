import { ProviderFailure } from '../domain/failure';
import type { Clock } from './clock';

/** The time one group has for its read and its calls. */
export interface Deadline {
  /** Aborted when the deadline passes. */
  readonly signal: AbortSignal;
  /**
   * `work`, or `ProviderFailure('DEADLINE_EXCEEDED')` once the deadline has passed, whether or not `work` heeds
   * the signal. What it gives after that goes to `late`.
   */
  race<T>(work: Promise<T>, late?: (value: T) => void): Promise<T>;
  /** Stops the clock; must be called. */
  end(): void;
}

export function deadlineAfter(ms: number, clock: Clock): Deadline {
  const controller = new AbortController();
  const { signal } = controller;
  const cancel = clock.after(ms, () => controller.abort());
  return {
    signal,
    race: <T>(work: Promise<T>, late?: (value: T) => void) =>
      new Promise<T>((resolve, reject) => {
        const expired = () => reject(new ProviderFailure('DEADLINE_EXCEEDED'));
        if (signal.aborted) expired();
        signal.addEventListener('abort', expired, { once: true });
        work.then(
          (value) => {
            signal.removeEventListener('abort', expired);
            if (signal.aborted) late?.(value);
            else resolve(value);
          },
          (error: unknown) => {
            signal.removeEventListener('abort', expired);
            reject(error instanceof Error ? error : new ProviderFailure('UNCLASSIFIED'));
          },
        );
      }),
    end: cancel,
  };
}

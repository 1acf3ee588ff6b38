import { ProviderFailure } from '../../domain/failure';

/**
 * Waits for `promise` until the signal aborts. The promise itself is left to end by itself; its late outcome is
 * dropped.
 * @throws ProviderFailure `DEADLINE_EXCEEDED` when the signal aborts first.
 */
export function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(new ProviderFailure('DEADLINE_EXCEEDED'));
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    const done = (): void => signal.removeEventListener('abort', onAbort);
    promise.then(
      (value) => {
        done();
        resolve(value);
      },
      (error: unknown) => {
        done();
        reject(error);
      },
    );
  });
}

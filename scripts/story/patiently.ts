import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { ApiRefused, ApiUnreachable, type Repeatable } from '../../api/client';

/**
 * Sends one user action until somebody answers it, always with the same idempotency key: on a busy machine a worker
 * may take longer than the API waits.
 */
export async function patiently<T>(send: (repeat: Repeatable) => Promise<T>, withinMs = 90_000): Promise<T> {
  const idempotencyKey = randomUUID();
  const deadline = performance.now() + withinMs;
  for (;;) {
    try {
      return await send({ idempotencyKey });
    } catch (error) {
      if (!mayBeRepeated(error) || performance.now() > deadline) throw error;
      await delay(250);
    }
  }
}

const mayBeRepeated = (error: unknown): boolean =>
  error instanceof ApiUnreachable ||
  (error instanceof ApiRefused && ['NO_WORKER', 'NOT_READY'].includes(error.problem.code));

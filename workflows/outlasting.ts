import { sleep } from '@temporalio/workflow';
import { backoffMs } from './backoff';
import { failureOf } from './failures';

/**
 * A step that is tried a few times only, for as long as our database is away: what its own tries are for is the provider,
 * and no operation, plan or approval is given up for trouble of ours that passes.
 */
export async function outlasting<T>(act: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await act();
    } catch (error) {
      const failure = failureOf(error);
      if (failure.kind === 'cancelled' || failure.code !== 'DATABASE_UNAVAILABLE') throw error;
    }
    await sleep(backoffMs(tries), {
      summary: 'our database is away: try again',
    });
  }
}

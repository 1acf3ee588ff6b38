import { sleep } from '@temporalio/workflow';
import { backoffMs } from '../backoff';
import { failureOf } from '../failures';
import { isOutOfStep } from './out-of-step';
import type { Attempt } from './shape';
import { type Operation, troubled } from './state';

/** What it needs of the run around it. */
interface Breathing {
  /** Shows the step that has begun. */
  show(): void;
  /** Continues as new where the history has grown long: after the switch it may have to wait for weeks. */
  breathe(): Promise<void>;
}

/** Steps after the switch: only one that the operation is out of step with is given up. */
export const attempting =
  (operation: Operation, { show, breathe }: Breathing): Attempt =>
  async (step, act) => {
    for (let tries = 0; ; tries += 1) {
      operation.step = step;
      show();
      try {
        return await act();
      } catch (error) {
        const failure = failureOf(error);
        if (failure.kind === 'cancelled' || isOutOfStep(failure)) throw error;
        troubled(operation, failure.code, failure.text);
        show();
      }
      await sleep(backoffMs(tries), {
        summary: `try ${step} again`,
      });
      await breathe();
    }
  };

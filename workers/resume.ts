import type { OperationId } from '../domain/ids';
import type { Logger } from '../runtime/logging';
import type { Metrics } from '../runtime/metrics';
import type { Store } from '../store/contract';
import type { ResumeRun } from './start';

const FIRST_PAUSE_MS = 60_000;
const LONGEST_PAUSE_MS = 3_600_000;

export interface ResumeParts {
  readonly store: Pick<Store, 'openOperations'>;
  readonly resume: ResumeRun;
  /** Milliseconds, ever growing. */
  readonly clock: () => number;
  readonly metrics: Pick<Metrics, 'resumed'>;
  readonly logger: Pick<Logger, 'warn'>;
}

/**
 * One look at every open operation, of whatever kind and at whatever stage: one that has no run any more (terminated,
 * deleted, lost with Temporal's database) gets another, which takes it over where it stands. A run that runs is left
 * alone: Temporal refuses a second one; and an operation that has ended isn't taken up, nor another opened. What loses
 * its run again and again is started less and less often, down to once an hour.
 */
export function resumingOperations({ store, resume, clock, metrics, logger }: ResumeParts) {
  const tried = new Map<OperationId, { readonly times: number; readonly atMs: number }>();
  return async (): Promise<void> => {
    const open = await store.openOperations();
    const ids = new Set(open.map(({ id }) => id));
    for (const id of tried.keys()) if (!ids.has(id)) tried.delete(id);
    for (const { id, kind, organization } of open) {
      const { times, atMs } = tried.get(id) ?? { times: 0, atMs: Number.NEGATIVE_INFINITY };
      const quietMs = clock() - atMs;
      if (quietMs < pauseAfter(times)) continue;
      if (!(await resume(kind, organization.name, id))) {
        // One that has run for so long isn't in a loop.
        if (quietMs > LONGEST_PAUSE_MS) tried.delete(id);
        continue;
      }
      tried.set(id, { times: times + 1, atMs: clock() });
      metrics.resumed.inc({ kind });
      logger.warn(
        {
          event: 'operation.resumed',
          organization: organization.name,
          operationId: id,
          kind,
          times: times + 1,
        },
        'an open operation had lost its run: another goes on with it',
      );
    }
  };
}

const pauseAfter = (times: number): number =>
  times === 0 ? 0 : Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(times - 1, 10));

import { closeIntakeIncident, openIntakeIncident, recordFault } from '../activities';
import type { Histories } from '../domain/ports/histories';
import type { Logger } from '../runtime/logging';
import type { Store } from '../store/contract';
import type { EndedRuns } from './stored-faults';

/** Temporal's lists lag behind by seconds. */
const OVERLAP_MS = 600_000;

export interface RemovalParts {
  readonly store: Pick<Store, 'openIntakeIncidents' | 'commit' | 'organizationByName' | 'recordRefusal'>;
  readonly histories: Histories;
  readonly ended: EndedRuns;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  readonly logger: Logger;
}

/**
 * One look at histories that hold what came past the codec and that nobody deletes: of a run that was terminated before
 * it could have it done, and those whose removal was terminated. The look does it itself.
 */
export function removingHistories({ store, histories, ended, clock, logger }: RemovalParts) {
  const deps = { store, logger };
  const inspected = new Set<string>();
  let since = 0;

  const remove = async (run: Parameters<typeof closeIntakeIncident>[1]): Promise<void> => {
    if ((await histories.remove(run)) === 'gone') await closeIntakeIncident(deps, run);
  };
  return async (): Promise<void> => {
    const lookedAt = clock();
    for (const run of await ended.cutShort(since)) {
      if (inspected.has(run.runId)) continue;
      const note = await ended.faultIn(run);
      if (note !== null && !(await ended.isBeingRemoved(run))) {
        await recordFault(deps, note);
        await openIntakeIncident(deps, note);
        // One of no organization has no ledger, so that it's asked for here.
        if (note.organization === null && (await histories.remove(run)) !== 'gone') continue;
      }
      inspected.add(run.runId);
    }
    since = Math.max(0, lookedAt - OVERLAP_MS);
    for (const run of await store.openIntakeIncidents())
      if (!(await ended.isBeingRemoved(run))) await remove(run);
  };
}

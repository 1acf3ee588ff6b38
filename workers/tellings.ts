import type { OperationNotice } from '../domain/notice';
import type { Store } from '../store/contract';

/** Starts the telling of one notice. @returns `false`: it is under way, or done. @throws where Temporal doesn't answer */
export type StartTelling = (notice: OperationNotice) => Promise<boolean>;

/**
 * One look at the changes of connection and offboardings that are open, or ended lately: what people are to be told of
 * them is begun. Their rows are the outbox, so nobody is left untold because a run, or Temporal, was lost at the moment;
 * and a telling that was terminated is begun again. Whoever has an entry isn't told twice.
 */
export async function tellOfOperations(
  store: Pick<Store, 'operationsToTell'>,
  start: StartTelling,
): Promise<void> {
  for (const { id, organization, isEnded } of await store.operationsToTell())
    await start({ kind: isEnded ? 'operation-ended' : 'operation-started', organization, operation: id });
}

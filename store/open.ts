import type { Signer } from '../domain/ports/signer';
import { createStore, type Logger, type Store, type StoreOptions } from '.';
import { withCheckpoints } from './checkpointing';

/** A process's store: heads are signed soon after each commit, and one that couldn't be is logged. */
export const openStore = (options: StoreOptions, signer: Signer, logger: Logger): Store =>
  withCheckpoints(createStore(options, signer, logger), (organization) =>
    logger.warn({ event: 'checkpoint.failed', organization }, 'a head wasn’t signed'),
  );

import type { Signer } from '../domain/ports/signer';
import { createStore, type Logger, type Store, type StoreOptions } from '.';
import { withCheckpoints } from './checkpointing';
import { createLedgerDoor, type LedgerDoor, withLedgerDoor } from './ledger-door';

/**
 * A process's store: nothing is appended where the database is behind its signer; heads are signed soon after each
 * commit, and one that couldn't be is logged.
 */
export function openStore(
  options: StoreOptions,
  signer: Signer,
  logger: Logger & Parameters<typeof createLedgerDoor>[1],
): { readonly store: Store; readonly door: LedgerDoor } {
  const { deployment } = options;
  const store = createStore(options, signer, logger);
  const door = createLedgerDoor({ store, signer, deployment }, logger);
  const onFailure = (organization: string) =>
    logger.warn({ event: 'checkpoint.failed', organization }, 'a head wasn’t signed');
  return { store: withCheckpoints(withLedgerDoor(store, door), onFailure), door };
}

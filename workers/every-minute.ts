import { ownersBy } from '../activities';
import type { ControlProbe } from '../domain/ports/control-probe';
import type { Round } from '../runtime/rounds';
import type { Store } from '../store/contract';
import type { LedgerDoor } from '../store/ledger-door';
import { type DaysLeftParts, recordDaysLeft } from './days-left';

interface MinuteParts {
  readonly store: Store;
  readonly door: Pick<LedgerDoor, 'closed' | 'look'>;
  readonly controlProbe: ControlProbe;
}

/**
 * What every worker does each minute. First, whether every ledger is as it was signed. Then, what is counted by the
 * minute gets its ledger entry when the minute is over, incidents get theirs, with who can mend them, and heads that
 * couldn't be signed at their commit are signed; then come the days that credentials have left. Safe in several
 * processes: each entry has one idempotency key.
 */
export const everyMinute = ({ store, door, controlProbe }: MinuteParts, daysLeft: DaysLeftParts): Round => ({
  ledgers: () => door.look(),
  entries: () => minuteRound(store, controlProbe, door.closed),
  'days-left': () => recordDaysLeft(daysLeft),
});

/** What of it makes entries. Exported for tests, which have no round around it. */
export async function minuteRound(
  store: Store,
  controlProbe: ControlProbe,
  behind: LedgerDoor['closed'] = new Map(),
): Promise<void> {
  await store.rollUpUsage(await store.now());
  await store.recordIncidents(ownersBy(controlProbe));
  await store.flushRefusals();
  // Asked after all of that, so that what it has appended is signed too.
  for (const id of await store.unsignedLedgers()) if (!behind.has(id)) await store.publishCheckpoint(id);
}

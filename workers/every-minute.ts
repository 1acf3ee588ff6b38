import { ownersBy } from '../activities';
import type { ControlProbe } from '../domain/ports/control-probe';
import type { Logger } from '../runtime/logging';
import type { Metrics } from '../runtime/metrics';
import type { Store } from '../store/contract';
import type { LedgerDoor } from '../store/ledger-door';
import { type DaysLeftParts, recordDaysLeft } from './days-left';

const MINUTE_MS = 60_000;

interface MinuteParts {
  readonly store: Store;
  readonly door: LedgerDoor;
  readonly controlProbe: ControlProbe;
}

/**
 * First, whether every ledger is as it was signed. Then, what is counted by the minute gets its ledger entry when the minute
 * is over, incidents get theirs, with who can mend them, and heads that couldn't be signed at their commit are signed; then
 * come the days that credentials have left. Safe in several processes: each entry has one idempotency key.
 * @returns what stops it, once a round under way is done
 */
export function everyMinute(
  { store, door, controlProbe }: MinuteParts,
  daysLeft: DaysLeftParts & { readonly metrics: Pick<Metrics, 'minuteCompleted'> },
  logger: Logger,
): () => Promise<void> {
  let round: Promise<void> = Promise.resolve();
  const { metrics, clock } = daysLeft;
  const completed = (part: string) => metrics.minuteCompleted.set({ part }, clock() / 1000);
  const attempt = async (part: string, work: () => Promise<void>): Promise<void> => {
    try {
      await work();
      completed(part);
    } catch {
      logger.warn({ event: 'minute.failed', part }, 'the minute’s round failed; the next one catches up');
    }
  };
  // From its start on, so that one which never comes to its end is noticed too.
  for (const part of ['ledgers', 'entries', 'days-left']) completed(part);
  const timer = setInterval(() => {
    round = round
      .then(() => attempt('ledgers', () => door.look()))
      .then(() => attempt('entries', () => minuteRound(store, controlProbe, door.closed)))
      .then(() => attempt('days-left', () => recordDaysLeft(daysLeft)));
  }, MINUTE_MS);
  return async () => {
    clearInterval(timer);
    await round;
  };
}

/** One round. Exported for tests, which don't wait for minutes. */
export async function minuteRound(
  store: Store,
  controlProbe: ControlProbe,
  behind: LedgerDoor['closed'] = new Map(),
): Promise<void> {
  await store.rollUpUsage(await store.now());
  await store.recordIncidents(ownersBy(controlProbe));
  await store.flushRefusals();
  for (const { id } of await store.organizations()) {
    if (behind.has(id)) continue;
    const [head, latest] = await Promise.all([store.ledgerHead(id), store.latestCheckpoint(id)]);
    if (latest === null || latest.size < head.size) await store.publishCheckpoint(id);
  }
}

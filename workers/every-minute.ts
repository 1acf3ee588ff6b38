import type { Logger } from '../runtime/logging';
import type { Store } from '../store/contract';

const MINUTE_MS = 60_000;

/**
 * What is counted by the minute gets its ledger entry when the minute is over, incidents get theirs, and heads that couldn't be signed
 * at their commit are signed. Safe in several processes: each entry has one idempotency key.
 * @returns what stops it, once a round under way is done
 */
export function everyMinute(store: Store, logger: Logger): () => Promise<void> {
  let round: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    round = round
      .then(() => minuteRound(store))
      .catch(() => {
        logger.warn({ event: 'minute.failed' }, 'the minute’s round failed; the next one catches up');
      });
  }, MINUTE_MS);
  return async () => {
    clearInterval(timer);
    await round;
  };
}

/** One round. Exported for tests, which don't wait for minutes. */
export async function minuteRound(store: Store): Promise<void> {
  await store.rollUpUsage(await store.now());
  await store.recordIncidents();
  await store.flushRefusals();
  for (const { id } of await store.organizations()) {
    const [head, latest] = await Promise.all([store.ledgerHead(id), store.latestCheckpoint(id)]);
    if (latest === null || latest.size < head.size) await store.publishCheckpoint(id);
  }
}

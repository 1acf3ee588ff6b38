import type { Logger } from './logging';
import type { Metrics } from './metrics';

export const MINUTE_MS = 60_000;

/** The parts of a round, in their order: `ledgers`, `operations`, … Each can be done again at any time. */
export type Round = Readonly<Record<string, () => Promise<void>>>;

interface RoundsParts {
  readonly metrics: Pick<Metrics, 'minuteCompleted'>;
  readonly logger: Pick<Logger, 'warn'>;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

/**
 * Makes a round at once, and then one each period. A part that fails is made again by the next round, and hinders no
 * other. A round that takes longer than a period has no other begun beside it: the turns meanwhile fall out.
 * @param everyMs the period
 * @returns what stops it, once the part under way is done: the parts after it aren't begun
 */
export function startRounds(
  round: Round,
  everyMs: number,
  { metrics, logger, clock }: RoundsParts,
): () => Promise<void> {
  let isStopped = false;
  let underWay: Promise<void> | null = null;
  const completed = (part: string) => metrics.minuteCompleted.set({ part }, clock() / 1000);
  const make = async (): Promise<void> => {
    for (const [part, work] of Object.entries(round)) {
      if (isStopped) return;
      try {
        await work();
        completed(part);
      } catch {
        logger.warn({ event: 'round.failed', part }, 'a part of the round failed; the next one catches up');
      }
    }
  };
  const begin = (): void => {
    underWay ??= make().finally(() => {
      underWay = null;
    });
  };
  // From the start on, so that a part which never comes to its end is noticed too.
  for (const part of Object.keys(round)) completed(part);
  begin();
  const timer = setInterval(begin, everyMs);
  return async () => {
    isStopped = true;
    clearInterval(timer);
    await underWay;
  };
}

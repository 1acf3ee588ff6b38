import type { Logger } from '../runtime/logging';
import type { Metrics } from '../runtime/metrics';

const MINUTE_MS = 60_000;

/** What a look is after: `operations`, `incidents`, … */
export type Looks = Readonly<Record<string, () => Promise<void>>>;

/**
 * Looks, at the start and then every minute, whether everything that should be carried out is: the database knows what
 * should, and Temporal may have lost it. Each look by itself: one that fails is made again in a minute, and hinders no
 * other. Safe in several processes.
 * @returns what stops it, once a look under way is done
 */
export function startReconciler(
  looks: Looks,
  { minuteCompleted }: Pick<Metrics, 'minuteCompleted'>,
  logger: Pick<Logger, 'warn'>,
): () => Promise<void> {
  let stopped = false;
  const completed = (part: string) => minuteCompleted.set({ part }, Date.now() / 1000);
  const round = async (): Promise<void> => {
    for (const [part, look] of Object.entries(looks)) {
      if (stopped) return;
      try {
        await look();
        completed(part);
      } catch {
        logger.warn(
          { event: 'reconcile.failed', part },
          'a look at what should run failed; the next one catches up',
        );
      }
    }
  };
  // From its start on, so that a look which never comes to its end is noticed too.
  for (const part of Object.keys(looks)) completed(part);
  let running = round();
  const timer = setInterval(() => {
    running = running.then(round);
  }, MINUTE_MS);
  return async () => {
    stopped = true;
    clearInterval(timer);
    await running;
  };
}

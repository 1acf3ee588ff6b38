import type { Logger } from '../runtime/logging';
import type { Metrics } from '../runtime/metrics';
import type { Store } from '../store/contract';
import type { Recoveries } from './recoveries';

type RelayStore = Pick<Store, 'untoldIncidents' | 'incidentTold' | 'toldIncidents' | 'incidentAbandoned'>;

/** Between two looks at the outbox: an incident's recovery starts within a second of its first refusal. */
const LOOK_EVERY_MS = 500;
/** While Temporal or the database is away. */
const LOOK_SLOWLY_MS = 5_000;
const BATCH = 100;
/** Told so long ago, an incident's recovery must be running. */
const SETTLED_MS = 30_000;

/** Takes incidents from the outbox to their recoveries. Safe in several processes: to be told twice changes nothing. */
export function startRelay(
  store: RelayStore,
  recoveries: Recoveries,
  logger: Logger,
  { relayFailures }: Pick<Metrics, 'relayFailures'>,
): () => Promise<void> {
  let stopped = false;
  let wake: () => void = () => undefined;
  const loop = async (): Promise<void> => {
    while (!stopped) {
      let pause = LOOK_EVERY_MS;
      try {
        await relay(store, recoveries);
      } catch {
        pause = LOOK_SLOWLY_MS;
        relayFailures.inc();
        logger.warn(
          { event: 'relay.failed' },
          'incidents wait in the outbox until Temporal and the database answer',
        );
      }
      await new Promise<void>((resolve) => {
        wake = resolve;
        setTimeout(resolve, pause);
        if (stopped) resolve();
      });
    }
  };
  const running = loop();
  return () => {
    stopped = true;
    wake();
    return running;
  };
}

/** One round: every incident, or answer, that its recovery hasn't been told of. */
export async function relay(store: RelayStore, recoveries: Recoveries): Promise<void> {
  for (const { incident, organization, what, at } of await store.untoldIncidents(BATCH)) {
    await recoveries.tell(organization.name, what);
    await store.incidentTold(incident, at);
  }
}

/** Open incidents whose recovery somebody terminated are told again. @param settledMs told longer ago than this */
export async function retell(
  store: RelayStore,
  recoveries: Recoveries,
  settledMs = SETTLED_MS,
): Promise<void> {
  for (const { incident, organization } of await store.toldIncidents(settledMs)) {
    if (!(await recoveries.isRunning(organization.name))) await store.incidentAbandoned(incident);
  }
}

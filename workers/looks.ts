import type { Client } from '@temporalio/client';
import type { NoticeDeps } from '../activities';
import type { Metrics } from '../runtime/metrics';
import { createPayloadCodec } from '../runtime/payload-codec';
import type { Round } from '../runtime/rounds';
import type { composeShared } from './compose';
import { tellingOfEntitlements } from './entitlements';
import { createHistories } from './histories';
import type { Recoveries } from './recoveries';
import { retell } from './relay';
import { removingHistories } from './removals';
import { resumingOperations } from './resume';
import { startDueRotations } from './rotations';
import { resumedAt, rotationsOf, tellingsAt } from './start';
import { endedRunsAt } from './stored-faults';
import { tellOfOperations } from './tellings';

type Parts = Pick<
  ReturnType<typeof composeShared>,
  'store' | 'door' | 'authority' | 'settings' | 'sealing' | 'logger'
> & {
  readonly metrics: Pick<Metrics, 'resumed'>;
  readonly notices: NoticeDeps;
  readonly recoveries: Recoveries;
  readonly temporal: Client;
};

/**
 * Whether everything that should be carried out is: the database knows what should, and Temporal may have lost it. The
 * custody worker looks at its start and then every minute. Safe in several processes.
 */
export function looksOf(parts: Parts): Round {
  const { store, door, authority, settings, sealing, logger, metrics, notices, recoveries, temporal } = parts;
  const clock = () => performance.now();
  const ended = endedRunsAt(temporal, createPayloadCodec(sealing));
  return {
    incidents: () => retell(store, recoveries),
    operations: resumingOperations({ store, resume: resumedAt(temporal), clock, metrics, logger }),
    histories: removingHistories({
      store,
      histories: createHistories(temporal),
      ended,
      clock: Date.now,
      logger,
    }),
    entitlements: tellingOfEntitlements({ store, closed: door.closed, authority, notices, logger }),
    tellings: () => tellOfOperations(store, tellingsAt(temporal)),
    rotations: () => startDueRotations(store, rotationsOf(temporal), settings.rotation),
  };
}

import type { Client } from '@temporalio/client';
import type { Metrics } from '../runtime/metrics';
import type { composeShared } from './compose';
import type { Looks } from './reconcile';
import type { Recoveries } from './recoveries';
import { retell } from './relay';
import { resumingOperations } from './resume';
import { startDueRotations } from './rotations';
import { resumedAt, rotationsOf } from './start';

type Parts = Pick<ReturnType<typeof composeShared>, 'store' | 'settings' | 'logger'> & {
  readonly metrics: Pick<Metrics, 'resumed'>;
  readonly recoveries: Recoveries;
  readonly temporal: Client;
};

/** Everything that the custody worker looks after (`workers/reconcile.ts`). */
export function looksOf({ store, settings, logger, metrics, recoveries, temporal }: Parts): Looks {
  const clock = () => performance.now();
  return {
    incidents: () => retell(store, recoveries),
    operations: resumingOperations({ store, resume: resumedAt(temporal), clock, metrics, logger }),
    rotations: () => startDueRotations(store, rotationsOf(temporal), settings.rotation),
  };
}

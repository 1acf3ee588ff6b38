import { createPlatformActivities, createPlatformSweepActivities } from '../activities';
import { loadConfiguration } from '../runtime/config';
import { createLogger } from '../runtime/logging';
import { createMetrics } from '../runtime/metrics';
import { TASK_QUEUES } from '../workflows/contract';
import { composeShared } from './compose';
import { failStart } from './fail-start';
import { runWorker } from './run';
import { composeLane } from './sweep';

/** The platform worker: the only process with the identity that creates, disables and deletes platform keys. */
async function main(): Promise<void> {
  const runtime = loadConfiguration();
  const metrics = createMetrics();
  const shared = composeShared(runtime, 'platform', createLogger('platform'), metrics);
  const { clouds, statements, settings } = shared;
  const control = clouds.platformKeyControl(statements, settings.providerCallMs);
  const activities = {
    ...createPlatformActivities({ ...shared, keys: clouds.platformKeys(), control }),
    ...createPlatformSweepActivities({ ...composeLane(shared, runtime.config, metrics), control }),
  };
  await runWorker({
    runtime,
    shared,
    metrics,
    port: runtime.config.workers.platformPort,
    worker: { taskQueue: TASK_QUEUES.platform, activities },
  });
}

main().catch(failStart('platform'));

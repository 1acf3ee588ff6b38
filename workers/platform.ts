import { createPlatformActivities } from '../activities';
import { createPlatformKeyControl } from '../providers/platform/control';
import { createPlatformKeys } from '../providers/platform/keys';
import { loadConfiguration } from '../runtime/config';
import { createLogger } from '../runtime/logging';
import { createMetrics } from '../runtime/metrics';
import { TASK_QUEUES } from '../workflows/contract';
import { composeShared, identityOf } from './compose';
import { failStart } from './fail-start';
import { runWorker } from './run';

/** The platform worker: the only process with the identity that creates, disables and deletes platform keys. */
async function main(): Promise<void> {
  const runtime = loadConfiguration();
  const metrics = createMetrics();
  const shared = composeShared(runtime, 'platform', createLogger('platform'), metrics);
  const { platform } = runtime.config;
  const { egress, aws, statements, settings } = shared;
  const content = identityOf(runtime, egress, platform.contentCredentialsFile);
  const own = { egress, region: platform.region, clock: aws.clock, observe: aws.observe };
  const activities = createPlatformActivities({
    ...shared,
    keys: createPlatformKeys({ ...own, identity: content }),
    control: createPlatformKeyControl({
      ...own,
      control: identityOf(runtime, egress, platform.controlCredentialsFile),
      cipher: content,
      principals: { control: platform.controlPrincipalArn, cipher: platform.contentPrincipalArn },
      statements,
      deadlineMs: settings.providerCallMs,
    }),
  });
  await runWorker({
    runtime,
    shared,
    metrics,
    port: runtime.config.workers.platformPort,
    worker: { taskQueue: TASK_QUEUES.platform, activities },
  });
}

main().catch(failStart('platform'));

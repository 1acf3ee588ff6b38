import {
  createAuditActivities,
  createCustodyActivities,
  createMailNotifier,
  createSweepActivities,
} from '../activities';
import { loadConfiguration } from '../runtime/config';
import { watchIncidents } from '../runtime/incident-metrics';
import { createLogger } from '../runtime/logging';
import { createMetrics } from '../runtime/metrics';
import { MINUTE_MS, startRounds } from '../runtime/rounds';
import { temporalLazily, temporalTarget } from '../runtime/temporal';
import { TASK_QUEUES } from '../workflows/contract';
import { composeAudit } from './audit';
import { WORKFLOWS } from './bundle';
import { composeShared } from './compose';
import { failStart } from './fail-start';
import { createHistories } from './histories';
import { looksOf } from './looks';
import { composeNotices } from './notices';
import { createRecoveries } from './recoveries';
import { startRelay } from './relay';
import { runWorker } from './run';
import { auditSchedule, ensureSchedule, sweepSchedule } from './schedules';
import { composeSweep } from './sweep';

/** The custody worker: every workflow, and the activities that use the database and the customer's key service. */
async function main(): Promise<void> {
  const runtime = loadConfiguration();
  const metrics = createMetrics();
  const shared = composeShared(runtime, 'custody', createLogger('custody'), metrics);
  const temporal = temporalLazily(temporalTarget(runtime.config.temporal, runtime.env), shared.sealing);
  const { notices, close } = composeNotices(runtime, shared.store, metrics);
  watchIncidents(metrics.registry, async () => ({
    ...(await shared.store.incidentHealth()),
    intake: (await shared.store.openIntakeIncidents()).length,
  }));
  const activities = {
    ...createCustodyActivities({
      ...shared,
      notices,
      notifier: createMailNotifier({ ...shared, notices }),
      histories: createHistories(temporal),
    }),
    ...createSweepActivities(composeSweep(shared, runtime.config, metrics)),
    ...createAuditActivities(composeAudit(shared, notices, runtime, metrics)),
  };
  await ensureSchedule(temporal, sweepSchedule(runtime.config.sweep.periodMs));
  await ensureSchedule(temporal, auditSchedule(runtime.config.audit.periodMs));
  await runWorker({
    runtime,
    shared,
    metrics,
    port: runtime.config.workers.custodyPort,
    worker: {
      taskQueue: TASK_QUEUES.custody,
      activities,
      workflowsPath: WORKFLOWS.workflowsPath,
      interceptors: { workflowModules: WORKFLOWS.workflowInterceptorModules },
    },
    beside: () => {
      const recoveries = createRecoveries(temporal);
      const stopRelay = startRelay(shared.store, recoveries, shared.logger, metrics);
      const looks = looksOf({ ...shared, metrics, notices, recoveries, temporal });
      const { logger } = shared;
      const stopLooks = startRounds(looks, MINUTE_MS, { metrics, logger, clock: Date.now });
      return async () => {
        await Promise.all([stopRelay(), stopLooks()]);
      };
    },
    close: async () => {
      close();
      await temporal.connection.close();
    },
  });
}

main().catch(failStart('custody'));

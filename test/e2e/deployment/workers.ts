import { Client } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker, type WorkerOptions } from '@temporalio/worker';
import {
  type CustodyDeps,
  createCustodyActivities,
  createMailNotifier,
  createPlatformActivities,
  type PlatformDeps,
  type Settings,
} from '../../../activities';
import { createMetrics } from '../../../runtime/metrics';
import { MINUTE_MS, startRounds } from '../../../runtime/rounds';
import { dataConverter } from '../../../runtime/temporal';
import { behindTheDoor } from '../../../workers/behind-the-door';
import { composeShared } from '../../../workers/compose';
import { createHistories } from '../../../workers/histories';
import { looksOf } from '../../../workers/looks';
import { composeNotices } from '../../../workers/notices';
import { createRecoveries } from '../../../workers/recoveries';
import { startRelay } from '../../../workers/relay';
import { TASK_QUEUES } from '../../../workflows/contract';
import { workflowBundle } from '../../harness/workflow-bundle';
import type { Deployment } from './deployment';
import type { Namespace } from './namespace';

/** What Temporal's own code says, as our processes keep it: its words, without whatever error it would show. */
export const temporalSaid: string[] = [];
Runtime.install({
  logger: new DefaultLogger('WARN', ({ message }) => void temporalSaid.push(message)),
  telemetryOptions: { logging: { filter: 'error', forward: {} } },
});

/** Sealing without its fence, where something else is judged. How often the platform key must refuse is the store's. */
export const QUICK: Partial<Settings> = { operationDeadlineMs: 1 };

export interface WorkerChanges {
  readonly settings?: Partial<Settings>;
  /** Puts something around what a process is composed of. */
  readonly custody?: (deps: CustodyDeps) => CustodyDeps;
  readonly platform?: (deps: PlatformDeps) => PlatformDeps;
  /** Another Temporal than the deployment's. */
  readonly namespace?: Namespace;
}

/** Both workers, composed as their processes are, in this process. @returns what stops them, once. */
export async function startWorkers(
  deployment: Deployment,
  changes: WorkerChanges = {},
): Promise<() => Promise<void>> {
  const { runtime, log, running } = deployment;
  const metrics = createMetrics();
  const shared = composeShared(runtime, 'worker', log.logger, metrics);
  const { clouds, statements } = shared;
  const settings = { ...shared.settings, ...changes.settings };
  const { notices } = composeNotices(runtime, shared.store, metrics);
  const custodyDeps: CustodyDeps = {
    ...shared,
    settings,
    notices,
    notifier: createMailNotifier({ ...shared, notices, logger: log.logger }),
    histories: createHistories((changes.namespace ?? deployment.namespace).client),
  };
  const platformDeps: PlatformDeps = {
    ...shared,
    settings,
    keys: clouds.platformKeys(),
    control: clouds.platformKeyControl(statements, settings.providerCallMs),
  };
  const { address, name: namespace } = changes.namespace ?? deployment.namespace;
  const connection = await NativeConnection.connect({ address });
  const worker = (options: Partial<WorkerOptions> & Pick<WorkerOptions, 'taskQueue'>) =>
    Worker.create({
      connection,
      namespace,
      dataConverter: dataConverter(shared.sealing),
      shutdownGraceTime: '2 s',
      shutdownForceTime: '5 s',
      interceptors: { activity: [behindTheDoor(shared.door)] },
      ...options,
    });
  const workers = await Promise.all([
    worker({
      taskQueue: TASK_QUEUES.custody,
      activities: createCustodyActivities(changes.custody?.(custodyDeps) ?? custodyDeps),
      workflowBundle: workflowBundle(),
      maxCachedWorkflows: 20,
    }),
    worker({
      taskQueue: TASK_QUEUES.platform,
      activities: createPlatformActivities(changes.platform?.(platformDeps) ?? platformDeps),
    }),
  ]);
  const { client } = changes.namespace ?? deployment.namespace;
  // As the process's own: what comes past the codec isn't acted on.
  const sealing = new Client({
    connection: client.connection,
    namespace,
    dataConverter: dataConverter(shared.sealing),
  });
  const recoveries = createRecoveries(sealing);
  const stopRelay = startRelay(shared.store, recoveries, log.logger, metrics);
  // Tests that take a run away see themselves to what follows.
  const { operations: _, ...looks } = looksOf({
    ...shared,
    settings,
    metrics,
    notices,
    recoveries,
    temporal: sealing,
  });
  const { logger } = log;
  const stopLooks = startRounds(looks, MINUTE_MS, { metrics, logger, clock: Date.now });
  const finished = workers.map((each) => each.run());
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopping ??= (async () => {
      for (const each of workers) if (each.getState() === 'RUNNING') each.shutdown();
      await Promise.allSettled(finished);
      await Promise.all([stopRelay(), stopLooks()]);
      await shared.store.close();
      await connection.close();
      clouds.egress.close();
    })();
    return stopping;
  };
  running.push(stop);
  return stop;
}

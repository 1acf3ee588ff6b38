import {
  DefaultLogger,
  type LogMetadata,
  NativeConnection,
  Runtime as TemporalRuntime,
  Worker,
  type WorkerOptions,
} from '@temporalio/worker';
import type { Runtime } from '../runtime/config';
import { drainOnSignal } from '../runtime/drain';
import { watchLedgers } from '../runtime/ledger-metrics';
import type { Logger } from '../runtime/logging';
import type { Metrics } from '../runtime/metrics';
import { MINUTE_MS, startRounds } from '../runtime/rounds';
import { dataConverter, temporalTarget } from '../runtime/temporal';
import { behindTheDoor } from './behind-the-door';
import type { composeShared } from './compose';
import { openWorkerDoor } from './door';
import { everyMinute } from './every-minute';
import { refuseIfBehind, unexpectedlyBehind } from './ledger-behind';
import { checkSearchAttributes } from './search-attributes';

/** Milliseconds that activities under way get to finish when the process is asked to stop. */
const DRAIN_MS = 20_000;

interface RunOptions {
  readonly runtime: Runtime;
  readonly shared: ReturnType<typeof composeShared>;
  readonly metrics: Metrics;
  readonly port: number;
  readonly worker: Pick<WorkerOptions, 'taskQueue' | 'activities' | 'workflowsPath' | 'interceptors'>;
  /** What runs beside the worker, from when all is checked. @returns what ends it, before the store is closed */
  readonly beside?: () => () => Promise<void>;
  /** What else was opened for it. */
  readonly close?: () => Promise<void>;
}

/** Checks what must hold, serves health and metrics, runs the worker, and drains at SIGTERM. */
export async function runWorker({
  runtime,
  shared,
  metrics,
  port,
  worker: options,
  beside,
  close,
}: RunOptions): Promise<void> {
  const { config } = runtime;
  const { store, door, signer, logger, clouds } = shared;
  TemporalRuntime.install({ logger: new DefaultLogger('WARN', forwardTo(logger)), shutdownSignals: [] });
  const { leftClosed } = config.workers;
  await refuseIfBehind(door, leftClosed);
  watchLedgers(metrics.registry, () => [...door.closed.values()], leftClosed);
  const { namespace, connection: target } = temporalTarget(config.temporal, runtime.env);
  const connection = await NativeConnection.connect(target);
  await checkSearchAttributes(connection, namespace);
  const worker = await Worker.create({
    connection,
    namespace,
    dataConverter: dataConverter(shared.sealing),
    shutdownGraceTime: DRAIN_MS,
    ...options,
    interceptors: { ...options.interceptors, activity: [behindTheDoor(door)] },
  });
  const ready = async () => {
    await Promise.all([store.ping(), signer.keys()]);
    return worker.getState() === 'RUNNING' && unexpectedlyBehind(door, leftClosed).length === 0;
  };
  const health = await openWorkerDoor({ host: config.workers.healthHost, port }, metrics, ready);
  const { certificates } = clouds.azureApps;
  const minute = everyMinute(shared, { ...shared, metrics, certificates, clock: Date.now });
  const stopMinutes = startRounds(minute, MINUTE_MS, { metrics, logger, clock: Date.now });
  const stopBeside = beside?.();
  const finished = worker.run();
  logger.info({ event: 'worker.ready', taskQueue: options.taskQueue, port: health.port }, 'worker ready');
  const stop = async () => {
    if (worker.getState() === 'RUNNING') worker.shutdown();
    await finished;
    await stopMinutes();
    await stopBeside?.();
    await health.close();
    await store.close();
    await connection.close();
    await close?.();
    clouds.egress.close();
  };
  drainOnSignal(process, stop, process.exit);
  await finished;
}

/** Temporal's own log lines, without whatever error objects they'd carry. */
function forwardTo(logger: Logger) {
  return (entry: { level: string; message: string; meta?: LogMetadata }) =>
    logger.warn(
      {
        event: 'temporal',
        level: entry.level,
        workflowId: entry.meta?.workflowId ?? null,
        activityType: entry.meta?.activityType ?? null,
      },
      entry.message,
    );
}

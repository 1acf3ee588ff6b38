/**
 * A sweep of every organization, through Temporal: schedule's workflow, activities, leases, results and usage rows in
 * durable PostgreSQL; beside a bare loop over the same probes with as many under way, which records nothing. A probe is
 * three provider calls of 50 ms, emulated in the process: what is measured is what sweeping costs, not an emulator.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { createPlatformSweepActivities, createSweepActivities, sweepSettings } from '../../activities';
import type { Connection as KeyConnection } from '../../domain/connection';
import type { DeploymentId } from '../../domain/ids';
import { CONTROL_UNKNOWN } from '../../domain/ports/control-probe';
import type { Probed, Prober } from '../../domain/ports/prober';
import { openSigner } from '../../ledger/signer';
import { createSignerKeys } from '../../ledger/signer-keys';
import { migrate } from '../../prisma/migrate';
import { recordedProber } from '../../providers/recording';
import { codecKeys } from '../../runtime/payload-codec';
import { dataConverter } from '../../runtime/temporal';
import { provideApplicationLogin } from '../../scripts/parts/application-login';
import { startPostgres } from '../../scripts/parts/postgres';
import { startTemporal } from '../../scripts/parts/temporal';
import { createStore, type Store } from '../../store';
import { WORKFLOWS } from '../../workers/bundle';
import { TASK_QUEUES, WORKFLOW_TYPES } from '../../workflows/contract';
import { inFolder } from './folder';
import type { BenchResult } from './result';
import { insertOrganizations, makeAllDue } from './sweep/organizations';

const SMALL = 1_000;
const LARGE = 10_000;
const CALL_MS = 50;
const CALLS = 3;
const LANES = 2;
/** Started by its schedule, which counts thrice; then each activity, and about one heartbeat in 24 s of each lane. */
const SCHEDULED_ACTIONS = 3;

const OK = { result: 'ok', requestId: null } as const;
const CLEAN: Probed = { access: OK, reads: [OK], writes: OK, leadsTo: null, trust: null };
const prober: Prober = {
  probe: async (_connection, _held, _looks, _signal, onCall) => {
    for (let call = 0; call < CALLS; call += 1) {
      await sleep(CALL_MS);
      // Getting in isn't a use of the key.
      if (call > 0) onCall?.({ requestId: null, isGood: true });
    }
    return CLEAN;
  },
};

interface Measured {
  readonly seconds: number;
  readonly actions: number;
  readonly events: number;
  /** The most of the heap that was in use, in MiB. */
  readonly heap: number;
}

export const sweepBench = (): Promise<BenchResult[]> =>
  inFolder(async (folder, parts) => {
    const postgres = await startPostgres({ stateDir: folder, durable: true });
    parts.push(postgres);
    const temporal = await startTemporal({ stateDir: folder, durable: true });
    parts.push(temporal);
    await migrate(postgres.adminUrl);
    const url = await provideApplicationLogin(postgres.adminUrl, 'bench');
    const keys = join(folder, 'signer');
    await createSignerKeys(keys);
    const deployment = 'novantra-bench' as DeploymentId;
    const signer = await openSigner({ folder: keys, deployment, mode: 'development' });
    const quiet = { info: () => undefined, warn: () => undefined, error: console.error };
    const store = createStore({ url, deployment, mode: 'development', random: randomBytes }, signer, quiet);
    const worker = await startWorker(store, temporal.address);
    try {
      await insertOrganizations(postgres.adminUrl, 1, SMALL);
      const measure = async (): Promise<Measured> => {
        await store.enrolProbes('customer-key', 300_000);
        await makeAllDue(postgres.adminUrl);
        return worker.sweep();
      };
      const few = await measure();
      await insertOrganizations(postgres.adminUrl, SMALL + 1, LARGE);
      const bare = await bareLoop(LARGE);
      return resultsOf(few, await measure(), bare);
    } finally {
      await worker.stop();
      await store.close();
    }
  });

async function startWorker(store: Store, address: string) {
  Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });
  const key = { id: 'bench', secret: Buffer.alloc(32, 1).toString('base64url') };
  const converter = dataConverter({ keys: codecKeys([key]), deployment: 'bench', random: randomBytes });
  const [native, connection, workflowBundle] = await Promise.all([
    NativeConnection.connect({ address }),
    Connection.connect({ address }),
    bundleWorkflowCode({ ...WORKFLOWS, logger: new DefaultLogger('ERROR') }),
  ]);
  const lane = {
    store,
    // One run is to take all of it.
    sweep: { ...sweepSettings(), sliceMs: 600_000 },
    uuid: randomUUID,
    clock: Date.now,
    pause: (ms: number, signal: AbortSignal): Promise<void> => sleep(ms, undefined, { signal }),
    observeProbe: () => undefined,
    logger: { info: () => undefined, warn: () => undefined, error: console.error },
  };
  const activities = createSweepActivities({
    ...lane,
    // Everything at once by one question: another benchmark's.
    store: { ...store, auditRows: async () => [] },
    prober: recordedProber(prober, store),
    credentialEnd: async (_: KeyConnection) => null,
    controlProbe: { outcome: async () => CONTROL_UNKNOWN },
    probeRefused: store.probeRefused,
  });
  const platform = createPlatformSweepActivities({ ...lane, control: { state: async () => 'gone' } });
  const shared = { connection: native, namespace: 'default', dataConverter: converter };
  const workers = await Promise.all([
    Worker.create({ ...shared, taskQueue: TASK_QUEUES.custody, workflowBundle, activities }),
    Worker.create({ ...shared, taskQueue: TASK_QUEUES.platform, activities: platform }),
  ]);
  const running = Promise.all(workers.map((each) => each.run()));
  const client = new Client({ connection, dataConverter: converter });
  let nth = 0;
  return {
    sweep: async (): Promise<Measured> => {
      nth += 1;
      const heap = new HeapWatch();
      const startedAt = performance.now();
      const handle = await client.workflow.start(WORKFLOW_TYPES.sweepForDrift, {
        workflowId: `sweep-2026-01-01T00:00:0${nth}Z`,
        taskQueue: TASK_QUEUES.custody,
        args: [],
      });
      await handle.result();
      const seconds = (performance.now() - startedAt) / 1000;
      const { events } = await handle.fetchHistory();
      const activitiesBegun =
        events?.filter((event) => event.activityTaskScheduledEventAttributes != null).length ?? 0;
      const heartbeats = LANES * Math.floor(seconds / 24);
      return {
        seconds,
        actions: SCHEDULED_ACTIONS + activitiesBegun + heartbeats,
        events: events?.length ?? 0,
        heap: heap.stop(),
      };
    },
    stop: async () => {
      for (const each of workers) each.shutdown();
      await running;
      await connection.close();
      await native.close();
    },
  };
}

/** The most of the heap that is in use meanwhile, looked at four times a second. */
class HeapWatch {
  #most = 0;
  readonly #timer = setInterval(() => this.#look(), 250);

  #look(): void {
    this.#most = Math.max(this.#most, process.memoryUsage().heapUsed / 2 ** 20);
  }

  stop(): number {
    clearInterval(this.#timer);
    this.#look();
    return this.#most;
  }
}

/** @returns seconds */
async function bareLoop(count: number): Promise<number> {
  const startedAt = performance.now();
  let left = count;
  const one = async () => {
    while (left > 0) {
      left -= 1;
      for (let call = 0; call < CALLS; call += 1) await sleep(CALL_MS);
    }
  };
  await Promise.all(Array.from({ length: LANES * sweepSettings()['customer-key'].slots }, one));
  return (performance.now() - startedAt) / 1000;
}

function resultsOf(few: Measured, many: Measured, bareSeconds: number): BenchResult[] {
  const rate = LARGE / many.seconds;
  const line = (
    name: string,
    unit: string,
    [value, reference]: readonly [number, number],
    target: number,
    bound: 'at-least' | 'at-most',
  ): BenchResult => {
    const ratio = value / reference;
    const ok = target === 0 || (bound === 'at-least' ? ratio >= target : ratio <= target);
    return { name, unit, value, reference, ratio, target, bound, ok };
  };
  return [
    line(
      'sweep of 10,000 organizations in one worker, beside a bare loop over the same probes',
      'organizations per second',
      [rate, LARGE / bareSeconds],
      0.2,
      'at-least',
    ),
    line(
      'sweep of 10,000, beside one of 1,000',
      'organizations per second',
      [rate, SMALL / few.seconds],
      0.8,
      'at-least',
    ),
    line(
      'sweep of 10,000, beside the target',
      'Temporal actions per check',
      [many.actions / LARGE, 0.05],
      1,
      'at-most',
    ),
    line(
      'sweep of 1,000, beside the target',
      'Temporal actions per check',
      [few.actions / SMALL, 0.05],
      1,
      'at-most',
    ),
    line(
      'sweep of 10,000, beside one of 1,000',
      'history events per check',
      [many.events / LARGE, few.events / SMALL],
      0,
      'at-most',
    ),
    line('sweep of 10,000, beside one of 1,000', 'MiB of heap at most', [many.heap, few.heap], 2, 'at-most'),
  ];
}

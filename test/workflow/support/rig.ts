import { Client } from '@temporalio/client';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { bundleWorkflowCode, DefaultLogger, Runtime, Worker, type WorkflowBundle } from '@temporalio/worker';
import type { Settings } from '../../../activities';
import { SEARCH_ATTRIBUTES, TASK_QUEUES } from '../../../workflows/contract';
import type { Fault } from '../../fakes/effects';
import { createWorld, type World } from '../../fakes/world';
import { startTimeSkipping } from '../../harness/time-skipping';
import { provided } from '../../harness/variables';

type Activities = Record<string, (input: never) => Promise<unknown>>;

/** A time-skipping server with both workers; the world behind their activities is changed from test to test. */
export interface Rig {
  readonly environment: TestWorkflowEnvironment;
  /** Leaves the clock alone: only `environment.sleep` moves it. (The environment's own jumps ten years when it waits for a run that has ended.) */
  readonly client: Client;
  readonly world: World;
  fresh(options?: { settings?: Partial<Settings>; fault?: Fault }): World;
  /** Instead of an activity, for one test. */
  readonly instead: Map<string, (original: () => Promise<unknown>) => Promise<unknown>>;
  stop(): Promise<void>;
}

export const bundle = (): Promise<WorkflowBundle> =>
  bundleWorkflowCode({
    workflowsPath: require.resolve('../../../workflows'),
    logger: new DefaultLogger('ERROR'),
  });

let installed = false;

/** The real server, for what the time-skipping one doesn't do as the real one does: resets, updates at continue-as-new. */
export const realServer = (): Promise<TestWorkflowEnvironment> =>
  TestWorkflowEnvironment.createLocal({
    server: {
      executable: { type: 'existing-path', path: provided('temporalCli') },
      searchAttributes: Object.values(SEARCH_ATTRIBUTES),
    },
  });

export async function startRig(
  start: () => Promise<TestWorkflowEnvironment> = startTimeSkipping,
): Promise<Rig> {
  if (!installed) Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });
  installed = true;
  const [environment, workflowBundle] = await Promise.all([start(), bundle()]);
  const now = () => environment.currentTimeMs();
  let world = createWorld({ now });
  const instead: Rig['instead'] = new Map();
  /** Every activity of a kind, by name, in whichever world is the present one. */
  const present = (of: (world: World) => Activities): Activities =>
    Object.fromEntries(
      Object.keys(of(world)).map((name) => [
        name,
        (input: never) => {
          const original = async () => of(world)[name]?.(input);
          return instead.get(name)?.(original) ?? original();
        },
      ]),
    );
  const shared = { connection: environment.nativeConnection, namespace: environment.namespace ?? 'default' };
  const custody = await Worker.create({
    ...shared,
    taskQueue: TASK_QUEUES.custody,
    workflowBundle,
    activities: present((each) => each.custody as unknown as Activities),
  });
  const platform = await Worker.create({
    ...shared,
    taskQueue: TASK_QUEUES.platform,
    activities: present((each) => each.operator as unknown as Activities),
  });
  const running = Promise.all([custody.run(), platform.run()]);
  return {
    environment,
    client: new Client({ connection: environment.connection, namespace: shared.namespace }),
    get world() {
      return world;
    },
    fresh: (options = {}) => {
      instead.clear();
      world = createWorld({ now, ...options });
      return world;
    },
    instead,
    stop: async () => {
      custody.shutdown();
      platform.shutdown();
      await running;
      await environment.teardown();
    },
  };
}

import { Client } from '@temporalio/client';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import type { Settings } from '../../../activities';
import { SEARCH_ATTRIBUTES, TASK_QUEUES } from '../../../workflows/contract';
import type { Fault } from '../../fakes/effects';
import { TEST_CONVERTER } from '../../fakes/sealing';
import { createWorld, type World } from '../../fakes/world';
import { startTimeSkipping } from '../../harness/time-skipping';
import { provided } from '../../harness/variables';
import { workflowBundle } from '../../harness/workflow-bundle';

interface WorldOptions {
  readonly settings?: Partial<Settings>;
  readonly fault?: Fault;
  readonly callFault?: Fault;
}

type Activities = Record<string, (input: never) => Promise<unknown>>;

/** A time-skipping server with both workers; the world behind their activities is changed from test to test. */
export interface Rig {
  readonly environment: TestWorkflowEnvironment;
  /** Leaves the clock alone: only `environment.sleep` moves it. (The environment's own jumps ten years when it waits for a run that has ended.) */
  readonly client: Client;
  readonly world: World;
  fresh(options?: WorldOptions): World;
  /** A world of one organization's own, beside the present one: for stories that run at the same time. */
  beside(organization: string, options?: WorldOptions): World;
  /** Instead of an activity, for one test. */
  readonly instead: Map<string, (original: () => Promise<unknown>) => Promise<unknown>>;
  stop(): Promise<void>;
}

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
  const environment = await start();
  const now = () => environment.currentTimeMs();
  let world = createWorld({ now });
  const instead: Rig['instead'] = new Map();
  const beside = new Map<string, World>();
  const worldOf = (input: unknown) => beside.get(organizationIn(input)) ?? world;
  /** Every activity of a kind, by name, in whichever world is the present one. */
  const present = (of: (world: World) => Activities): Activities =>
    Object.fromEntries(
      Object.keys(of(world)).map((name) => [
        name,
        (input: never) => {
          const original = async () => of(worldOf(input))[name]?.(input);
          return instead.get(name)?.(original) ?? original();
        },
      ]),
    );
  const namespace = environment.namespace ?? 'default';
  const identity = 'test';
  const dataConverter = TEST_CONVERTER;
  const shared = { connection: environment.nativeConnection, namespace, identity, dataConverter };
  const custody = await Worker.create({
    ...shared,
    taskQueue: TASK_QUEUES.custody,
    workflowBundle: workflowBundle(),
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
    client: new Client({ connection: environment.connection, namespace, identity, dataConverter }),
    get world() {
      return world;
    },
    fresh: (options = {}) => {
      instead.clear();
      world = createWorld({ now, ...options });
      return world;
    },
    beside: (organization, options = {}) => {
      const own = createWorld({ now, ...options });
      beside.set(organization, own);
      return own;
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

/** The organization's name, as the different activities are told it. */
function organizationIn(input: unknown): string {
  const { organization, name, notice } = (input ?? {}) as Record<string, unknown>;
  if (notice !== undefined) return organizationIn(notice);
  if (typeof organization === 'string') return organization;
  if (typeof name === 'string') return name;
  return (organization as { name?: string } | undefined)?.name ?? '';
}

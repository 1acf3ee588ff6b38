import { setTimeout as pause } from 'node:timers/promises';
import { WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/client';
import { comesThrough } from './journey';
import type { Random } from './random';
import type { Subject } from './subject';
import type { SoakWorld } from './world';

/** What may go wrong, or be asked for, at any moment. Each leaves everything as it was, or better. */
export interface Fault {
  readonly name: string;
  /** Not in the second half, in which memory is watched: a process that begins anew has none. */
  readonly ends?: true;
  run(world: SoakWorld, random: Random): Promise<void>;
}

/** @returns one that nobody has in hand, and puts it back */
async function withSubject(
  world: SoakWorld,
  random: Random,
  use: (subject: Subject) => Promise<void>,
): Promise<void> {
  const free = world.subjects.filter((subject) => !world.inHand.has(subject));
  if (free.length === 0) return;
  const subject = random.of(free);
  world.inHand.add(subject);
  try {
    await use(subject);
  } finally {
    world.inHand.delete(subject);
  }
}

const disable: Fault = {
  name: 'the customer disables its key, and enables it again',
  run: (world, random) =>
    withSubject(world, random, async (subject) => {
      const { customer } = subject.prepared;
      subject.is('unsure');
      await customer.disableKey();
      subject.is('off');
      await pause(random.between(1_000, 15_000));
      subject.is('unsure');
      await customer.enableKey();
      subject.is('on');
    }),
};

const EFFECTS = [
  { kind: 'error', code: 'KMSInternalException', status: 500 },
  { kind: 'error', code: 'ThrottlingException', status: 400 },
  { kind: 'reset' },
  { kind: 'hang' },
  { kind: 'latency', ms: 700 },
] as const;

const provider: Fault = {
  name: 'the provider fails, hangs or dawdles for one customer',
  run: (world, random) =>
    withSubject(world, random, async (subject) => {
      if (subject.provider !== 'aws-kms') return;
      subject.is('unsure');
      const { account } = subject.prepared.customer;
      const clear = await world.awsFault({ service: 'kms', principalAccount: account }, random.of(EFFECTS));
      await pause(random.between(1_000, 10_000));
      await clear();
      // What was on its way then is still being waited for.
      await pause(world.deadlineMs);
      subject.is('on');
    }),
};

const rotation = (newKeyVersion: boolean): Fault => ({
  name: newKeyVersion ? 'a new workspace key version is asked for' : 'the customer turns its key over',
  run: (world, random) =>
    withSubject(world, random, async (subject) => {
      const { name, customer } = subject.prepared;
      if (!newKeyVersion) return customer.rotateKey();
      await world.rotate(subject.provider, name).catch((error: unknown) => {
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      });
    }),
});

/** All the while content is read and written: each key answers until nothing is under it any more. */
const change: Fault = {
  name: 'a customer changes to a key in another account, and disables the former one for good',
  run: (world, random) =>
    withSubject(world, random, async (subject) => {
      const ours = await world.of(subject.provider);
      const { prepared } = subject;
      const { customer: former } = prepared;
      const customer = await ours.newKey(prepared.id, former.externalId);
      await comesThrough(ours, prepared, 'change-connection', customer.connection);
      subject.prepared = { ...prepared, customer };
      await former.disableKey();
      former.close();
    }),
};

const leave: Fault = {
  name: 'a customer leaves, disables its key meanwhile, and comes back',
  run: (world, random) =>
    withSubject(world, random, async (subject) => {
      const ours = await world.of(subject.provider);
      const { prepared } = subject;
      await comesThrough(ours, prepared, 'offboard', null);
      // Nothing is under it.
      await prepared.customer.disableKey();
      await pause(random.between(1_000, 5_000));
      await prepared.customer.enableKey();
      await comesThrough(ours, prepared, 'activate', prepared.customer.connection);
    }),
};

const kill = (process: 'custody-worker' | 'platform-worker'): Fault => ({
  name: `kill -9 of the ${process}`,
  ends: true,
  run: (world) => world.alone(process, () => world.kill(process)),
});

const connections: Fault = {
  name: 'PostgreSQL ends every connection of ours',
  run: (world) => world.alone('postgres', () => world.endConnections()),
};

const terminate: Fault = {
  name: 'somebody terminates a recovery, a rotation, or what the customer is on its way by',
  run: async (world, random) => {
    const { name } = random.of(world.subjects).prepared;
    const kinds = ['incident', 'rotation', 'connection', 'offboarding', 'activation'];
    const id = `${random.of(kinds)}/${name}`;
    await world.client.workflow
      .getHandle(id)
      .terminate('soak')
      .catch((error: unknown) => {
        if (!(error instanceof WorkflowNotFoundError)) throw error;
      });
  },
};

export const FAULTS: readonly Fault[] = [
  ...[disable, disable, provider, provider, rotation(true), rotation(false), change, leave],
  ...[kill('custody-worker'), kill('platform-worker'), connections, terminate],
];

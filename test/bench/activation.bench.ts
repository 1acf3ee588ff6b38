/**
 * Wall time of a whole activation with instant approvals, start to handoff, by the real workflow on both real
 * workers, the signer, durable PostgreSQL and Temporal, and the emulated clouds, beside a bare workflow whose
 * activities make the same provider calls and insert the same rows in as many transactions. Both are compared
 * before anything is measured: a reference that has fallen behind the product fails the run.
 *
 * Live order (c) and (d) wait by design. Their timers are set to the 1 ms that is the least they can be, and what
 * the server makes of that, about a second each, is taken off ours by the history's own times. The bare workflow
 * has no timers.
 */
import { randomBytes } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import type { ProviderName } from '../../domain/custody';
import { loadConfiguration } from '../../runtime/config';
import { dataConverter, payloadSealing } from '../../runtime/temporal';
import { Bare } from './activation/bare';
import { callsOf, demandSameCalls } from './activation/calls';
import { Ours } from './activation/ours';
import { demandAllInserted, makePlainTables, recordRows } from './activation/recording';
import { openWorld } from './activation/world';
import { inFolder } from './folder';
import { comparePairs } from './pairs';
import type { BenchResult } from './result';

const PAIRS = 9;
const TARGET = 2;

/** `provider`: whose the customer's key is; `label`: what it's called in the line. */
const activationWith = (provider: ProviderName, label: string): Promise<BenchResult[]> =>
  inFolder(async (stateDir, parts) => {
    const world = await openWorld(provider, stateDir, parts);
    const connection = await Connection.connect({ address: world.temporal });
    // The product's client seals its payloads, as its workers do; the bare one does without.
    const sealing = payloadSealing(loadConfiguration({ SMSK_CONFIG: world.configFile }), randomBytes);
    const ours = await Ours.open(world, new Client({ connection, dataConverter: dataConverter(sealing) }));
    try {
      const first = await ours.prepare();
      first.customer.close();
      const ourCalls = await callsOf(
        world,
        within(connection, () => ours.activate(first)),
      );
      const { adminUrl, url } = world.database;
      await makePlainTables(adminUrl, new URL(url).username);
      const recording = await recordRows(adminUrl, first.id);
      const bare = await Bare.open(world, new Client({ connection }), recording);
      const input = await bare.prepare();
      demandSameCalls(
        ourCalls,
        await callsOf(
          world,
          within(connection, () => bare.activate(input)),
        ),
      );
      await demandAllInserted(adminUrl, recording);
      return [
        await comparePairs(
          {
            name: `${label}, beside a bare workflow with the same provider calls and transactions`,
            unit: 'ms without waits by design',
            pairs: PAIRS,
            bound: 'at-most',
            target: TARGET,
          },
          within(connection, async () => {
            const prepared = await ours.prepare();
            prepared.customer.close();
            return ours.activate(prepared);
          }),
          within(connection, async () => bare.activate(await bare.prepare())),
        ),
      ];
    } finally {
      await ours.close();
      await connection.close();
    }
  });

export const activationBench = () => activationWith('aws-kms', 'activation');
export const azureActivationBench = () => activationWith('azure-key-vault', 'activation, Azure');

const DEADLINE_MS = 120_000;

/** A workflow that is stuck fails the run instead of hanging it. */
const within =
  <T>(connection: Connection, work: () => Promise<T>) =>
  (): Promise<T> =>
    connection.withDeadline(Date.now() + DEADLINE_MS, work);

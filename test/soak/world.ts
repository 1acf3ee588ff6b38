import { randomBytes } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import pg from 'pg';
import type { ProviderName } from '../../domain/custody';
import type { OrganizationName } from '../../domain/ids';
import { loadConfiguration } from '../../runtime/config';
import { dataConverter, payloadSealing } from '../../runtime/temporal';
import type { Part } from '../../scripts/parts/process';
import type { Store } from '../../store';
import { Ours } from '../bench/activation/ours';
import { openWorld } from '../bench/activation/world';
import { openCipher } from '../e2e/deployment/cipher';
import { Log } from '../e2e/deployment/log';
import { Subject } from './subject';

const DEADLINE_MS = 5_000;
/** Every organization is looked at so often: rotations and drift come to pass within the soak. */
const SWEEP_MS = 20_000;
const CUSTOMERS: readonly ProviderName[] = [
  ...(['aws-kms', 'aws-kms', 'aws-kms', 'aws-kms'] as const),
  ...(['azure-key-vault', 'azure-key-vault'] as const),
];
/** The processes whose memory is watched beside our own. */
export const WATCHED = ['custody-worker', 'platform-worker', 'signer'] as const;

/** The product on real parts, with activated customers of both clouds, and everything that faults reach. */
export type SoakWorld = Awaited<ReturnType<typeof openSoakWorld>>;

export async function openSoakWorld(
  stateDir: string,
  parts: Pick<Part, 'stop'>[],
  violated: (what: string) => void,
) {
  const timing = { operationDeadlineMs: DEADLINE_MS, sweepMs: SWEEP_MS };
  const world = await openWorld('aws-kms', stateDir, parts, timing);
  const connection = await Connection.connect({ address: world.temporal });
  parts.push({ stop: () => connection.close() });
  const runtime = loadConfiguration({ SMSK_CONFIG: world.configFile });
  const client = new Client({
    connection,
    dataConverter: dataConverter(payloadSealing(runtime, randomBytes)),
  });
  const database = new pg.Pool({ connectionString: world.database.adminUrl, max: 2 });
  database.on('error', () => undefined);
  parts.push({ stop: () => database.end() });
  const { cipher, troubles, close } = await openCipher({ runtime, log: new Log('soak'), running: [] });
  parts.push({ stop: close });

  const ours = new Map<ProviderName, Ours>();
  const of = async (provider: ProviderName): Promise<Ours> => {
    const opened = ours.get(provider) ?? (await Ours.open({ ...world, provider }, client));
    if (!ours.has(provider)) parts.push({ stop: () => opened.close() });
    ours.set(provider, opened);
    return opened;
  };
  const subjects: Subject[] = [];
  for (const provider of CUSTOMERS) {
    const side = await of(provider);
    const prepared = await side.prepare();
    await side.activate(prepared);
    const subject = new Subject(prepared, provider, cipher, violated);
    parts.push({ stop: async () => subject.prepared.customer.close() });
    subjects.push(subject);
  }
  const store: Store = (await of('aws-kms')).store;

  const busy = new Set<string>();
  return {
    ...{ subjects, client, store, troubles, deadlineMs: DEADLINE_MS },
    inHand: new Set<Subject>(),
    pids: () =>
      new Map([['soak', process.pid], ...WATCHED.map((name) => [name, world.pidOf(name)] as const)]),
    kill: world.kill,
    of,
    rotate: async (provider: ProviderName, name: OrganizationName) => (await of(provider)).rotate(name, true),
    /** Not two at a time on the same thing. */
    async alone(what: string, work: () => Promise<void>): Promise<void> {
      if (busy.has(what)) return;
      busy.add(what);
      await work().finally(() => busy.delete(what));
    },
    async endConnections(): Promise<void> {
      await database.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'smsk'`,
      );
    },
    /** @returns what clears it */
    async awsFault(match: object, effect: object): Promise<() => Promise<void>> {
      const ask = async (method: string, path: string, body?: object): Promise<unknown> => {
        const response = await fetch(`${world.aws.url}/_emulator/${path}`, {
          method,
          headers: {
            authorization: `Bearer ${world.aws.controlToken}`,
            'content-type': 'application/json',
          },
          signal: AbortSignal.timeout(10_000),
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        });
        if (!response.ok) throw new Error(`the emulator refused ${method} ${path}: ${response.status}`);
        return response.json();
      };
      const { id } = (await ask('POST', 'faults', { match, effect })) as { id: string };
      return async () => void (await ask('DELETE', `faults?id=${encodeURIComponent(id)}`));
    },
  };
}

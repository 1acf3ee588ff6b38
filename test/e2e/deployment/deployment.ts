import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@temporalio/client';
import { type ActorSigner, createActorSigner } from '../../../authority';
import type { Signer } from '../../../domain/ports/signer';
import { openSigner } from '../../../ledger/signer';
import { openSignerDoor } from '../../../ledger/signer-door';
import { type Configuration, loadConfiguration, type Runtime } from '../../../runtime/config';
import { dataConverter, payloadSealing } from '../../../runtime/temporal';
import { freePort } from '../../../scripts/parts/ports';
import { writeConfiguration } from '../../../scripts/story/deployment';
import { createStore, type Store } from '../../../store';
import { freshDatabase, type TestDatabase } from '../../harness/database';
import { Log } from './log';
import { type Namespace, openNamespace } from './namespace';
import { type Outside, openOutside } from './outside';

/** A deployment of our own on the run's PostgreSQL and Temporal: its parts, with nothing running in it yet. */
export interface Deployment {
  readonly outside: Outside;
  readonly database: TestDatabase;
  readonly namespace: Namespace;
  /** With the deployment's codec, as the API has it; `namespace.client` has none. */
  readonly client: Client;
  /** The one configuration, as a real process would load it from {@link configFile}. */
  readonly runtime: Runtime;
  readonly configFile: string;
  /** Free for logs and pid records of processes that a test starts. */
  readonly folder: string;
  readonly signer: Signer;
  readonly store: Store;
  readonly signActor: ActorSigner;
  readonly log: Log;
  /** Ended before everything else, last first. */
  readonly running: (() => Promise<void>)[];
  close(): Promise<void>;
}

/** Short, where nothing is judged by it: what these times protect is tested with clocks that tests turn. */
const TIMING = { fenceMs: 500, refusals: 3, sealingOverMs: 150 };

/** Made before anything starts. */
export interface Beforehand {
  /** Beside the folder: places of the operator's in which customers' credentials lie. @param folder for files */
  readonly references?: (outside: Outside, folder: string) => Promise<Partial<Configuration['references']>>;
}

export async function openDeployment({ references }: Beforehand = {}): Promise<Deployment> {
  const folder = mkdtempSync(join(tmpdir(), 'smsk-e2e-'));
  const closing: (() => Promise<void>)[] = [];
  const running: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const end of running.splice(0).reverse()) await end();
    for (const end of closing.splice(0).reverse()) await end();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const [outside, database, namespace] = await Promise.all([
      openOutside(folder),
      freshDatabase(),
      openNamespace(),
    ]);
    closing.push(outside.close, database.drop, namespace.close);
    const places = (await references?.(outside, folder)) ?? {};
    const configFile = await configure(folder, outside, database, namespace, places);
    const runtime = loadConfiguration({ SMSK_CONFIG: configFile });
    const { config, path, secret } = runtime;
    const { deployment, mode } = config;
    const log = new Log('test');
    const signer = await openSigner({ folder: path(config.signer.keysDir), deployment, mode });
    const door = await openSignerDoor({
      signer,
      socketPath: path(config.signer.socket),
      token: secret(config.signer.tokenFile),
      readerToken: secret(config.signer.readerTokenFile),
      log: log.logger,
    });
    closing.push(door.close);
    const store = createStore(
      { url: database.url, deployment, mode, random: randomBytes },
      signer,
      log.logger,
    );
    closing.push(store.close);
    const signActor = await createActorSigner(secret(config.api.actorKeyFile), config.api.actorKid);
    const { connection, name } = namespace;
    const converter = dataConverter(payloadSealing(runtime, randomBytes));
    const client = new Client({ connection, namespace: name, dataConverter: converter });
    return {
      ...{ outside, database, namespace, client, runtime, configFile, folder, signer, store, signActor, log },
      running,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function configure(
  folder: string,
  { aws, azure, azureCaFile, operator, commerce }: Outside,
  { url: databaseUrl }: TestDatabase,
  { address: temporal, name }: Namespace,
  places: Partial<Configuration['references']>,
): Promise<string> {
  const [apiPort, custodyPort, platformPort] = [await freePort(), await freePort(), await freePort()];
  const file = await writeConfiguration(
    folder,
    {
      databaseUrl,
      temporal,
      temporalUi: 'http://127.0.0.1:1',
      aws: aws.url,
      azure: { url: `https://127.0.0.1:${azure.port}`, caFile: azureCaFile },
      apiPort,
      custodyPort,
      platformPort,
    },
    operator,
    { issuer: commerce.issuer, keys: commerce.jwks().keys.map((key) => ({ ...key })) },
    { sealingOverMs: TIMING.sealingOverMs },
  );
  const written = JSON.parse(readFileSync(file, 'utf8'));
  written.temporal.namespace = name;
  Object.assign(written.references, places);
  written.sealing.refusals = TIMING.refusals;
  written.cipher.operationDeadlineMs = TIMING.fenceMs;
  writeFileSync(file, JSON.stringify(written));
  return file;
}

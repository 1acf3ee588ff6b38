import { join } from 'node:path';
import { signerClient } from '../../ledger/signer-client';
import { choosePorts } from '../parts/ports';
import type { Part } from '../parts/process';
import { startTemporal } from '../parts/temporal';
import { allOf } from './all-of';
import { answers, answersOnSocket } from './answers';
import type { Emulators } from './customer';
import { startDatabase } from './database';
import { writeConfiguration } from './deployment';
import { setUpOperator } from './operator';
import { issuerKeys, startOutside } from './outside';
import { randomToken, secretFile } from './secrets';
import { Starter } from './starter';

const WANTED_PORTS = {
  postgres: 5433,
  temporal: 7233,
  temporalUi: 8233,
  aws: 4566,
  azure: 4600,
  commerce: 4577,
  api: 8080,
  custody: 9101,
  platform: 9102,
};

export interface Services extends Emulators {
  readonly api: string;
  readonly temporalAddress: string;
  readonly temporalUi: string;
  readonly configFile: string;
  /** Public half of the checkpoint signer's key (C2SP vkey). */
  readonly checkpointVkey: string;
  readonly databaseUrl: string;
  readonly commerce: { readonly url: string; readonly token: string };
}

export interface BootOptions {
  readonly stateDir: string;
  readonly durable: boolean;
  /** Over how long the platform key must refuse before it counts as sealed. */
  readonly sealingOverMs: number;
  readonly say: (line: string) => void;
}

/** Starts everything, in the order of what needs what. @param parts receives each part as it's started. */
export async function boot(options: BootOptions, parts: Pick<Part, 'stop'>[]): Promise<Services> {
  const { stateDir, durable, say } = options;
  const folder = join(stateDir, 'deployment');
  const ports = await choosePorts(stateDir, WANTED_PORTS);
  const url = (port: number) => `http://127.0.0.1:${port}`;
  const starter = new Starter(stateDir, say, parts);

  const [databaseUrl, temporal, outside] = await allOf([
    startDatabase(starter, { stateDir, durable, port: ports.postgres }, folder),
    starter.part(
      'Temporal',
      startTemporal({
        ...{ stateDir, port: ports.temporal, uiPort: ports.temporalUi, durable },
        codecEndpoint: `${url(ports.api)}/codec`,
      }),
    ),
    startOutside(starter, stateDir, folder, ports),
  ]);
  const { aws, azure, azureCaFile, commerce } = outside;
  const [operator, keys] = await Promise.all([
    setUpOperator({ aws, azure }, folder),
    issuerKeys(commerce.url),
  ]);
  const configFile = await writeConfiguration(
    folder,
    {
      databaseUrl,
      temporal: temporal.address,
      temporalUi: url(ports.temporalUi),
      aws: aws.url,
      azure: { url: azure.url, caFile: azureCaFile },
      apiPort: ports.api,
      custodyPort: ports.custody,
      platformPort: ports.platform,
    },
    operator,
    { issuer: 'https://commerce.novantra.example', keys },
    { sealingOverMs: options.sealingOverMs },
  );
  const env = { SMSK_CONFIG: configFile };
  await starter.program(
    'signer',
    'workers/signer.ts',
    [],
    () => answersOnSocket(join(folder, 'signer.sock')),
    env,
  );
  const ready = (port: number) => () => answers(`${url(port)}/readyz`);
  await allOf([
    starter.program('custody-worker', 'workers/custody.ts', [], ready(ports.custody), env),
    starter.program('platform-worker', 'workers/platform.ts', [], ready(ports.platform), env),
    starter.program('api', 'api/main.ts', [], ready(ports.api), env),
  ]);
  return {
    api: url(ports.api),
    temporalAddress: temporal.address,
    temporalUi: url(ports.temporalUi),
    configFile,
    checkpointVkey: await vkeyOf(folder),
    databaseUrl,
    aws,
    azure,
    commerce,
  };
}

async function vkeyOf(folder: string): Promise<string> {
  const token = secretFile(join(folder, 'signer.token'), randomToken);
  return (await signerClient({ socketPath: join(folder, 'signer.sock'), token }).keys()).checkpointVkey;
}

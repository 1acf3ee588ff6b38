import { request } from 'node:http';
import { join } from 'node:path';
import { Client } from 'pg';
import { signerClient } from '../../ledger/signer-client';
import { migrate } from '../../prisma/migrate';

import { provideApplicationLogin } from '../parts/application-login';
import { choosePorts } from '../parts/ports';
import { startPostgres } from '../parts/postgres';
import { type Part, startPart } from '../parts/process';
import { withProgress } from '../parts/progress';
import { startTemporal } from '../parts/temporal';
import { writeConfiguration } from './deployment';
import { setUpOperatorAccount } from './operator-account';
import { randomToken, secretFile } from './secrets';

const ROOT = join(__dirname, '..', '..');
const DATABASE = 'smsk';
/** The SDK's advice on Node versions, once per process, isn't for whoever reads our logs. */
const QUIET = { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' };
const WANTED_PORTS = {
  postgres: 5433,
  temporal: 7233,
  temporalUi: 8233,
  aws: 4566,
  commerce: 4577,
  api: 8080,
  custody: 9101,
  platform: 9102,
};

export interface Services {
  readonly api: string;
  readonly temporalAddress: string;
  readonly temporalUi: string;
  readonly configFile: string;
  /** Public half of the checkpoint signer's key (C2SP vkey). */
  readonly checkpointVkey: string;
  readonly databaseUrl: string;
  readonly aws: { readonly url: string; readonly controlToken: string };
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
  const started = async <T extends Pick<Part, 'stop'>>(label: string, part: Promise<T>): Promise<T> => {
    const running = await withProgress(say, `starting ${label}`, part);
    parts.push(running);
    return running;
  };
  const node = (
    name: string,
    file: string,
    args: string[],
    ready: () => Promise<boolean>,
    env: NodeJS.ProcessEnv = {},
  ) =>
    started(
      name,
      startPart({
        name,
        stateDir,
        command: process.execPath,
        args: [
          '--import',
          join(ROOT, 'node_modules', 'tsx', 'dist', 'loader.mjs'),
          join(ROOT, file),
          ...args,
        ],
        // A clean one: what a developer's shell has set for other clouds would be refused at start.
        env: { PATH: process.env.PATH ?? '', HOME: stateDir, ...QUIET, ...env },
        cwd: ROOT,
        ready,
        readyWithinMs: 60_000,
      }),
    );

  const controlTokenFile = join(folder, 'aws-control.token');
  const commerceTokenFile = join(folder, 'commerce.token');
  const aws = { url: url(ports.aws), controlToken: secretFile(controlTokenFile, randomToken) };
  const commerce = { url: url(ports.commerce), token: secretFile(commerceTokenFile, randomToken) };
  const awsState = ['--state-dir', join(stateDir, 'aws'), '--control-token-file', controlTokenFile];
  const commerceState = ['--state-dir', join(stateDir, 'commerce'), '--token-file', commerceTokenFile];
  const [databaseUrl, temporal] = await allOf([
    database(started, { stateDir, durable, port: ports.postgres }, folder),
    started('Temporal', startTemporal({ stateDir, port: ports.temporal, uiPort: ports.temporalUi, durable })),
    node('aws-emulator', 'emulators/aws/main.ts', ['--port', String(ports.aws), ...awsState], () =>
      answers(`${aws.url}/_emulator/health`),
    ),
    node('commerce', 'emulators/commerce/main.ts', ['--port', String(ports.commerce), ...commerceState], () =>
      answers(`${commerce.url}/health`),
    ),
  ]);

  const operator = await setUpOperatorAccount(aws, folder);
  const configFile = await writeConfiguration(
    folder,
    {
      databaseUrl,
      temporal: temporal.address,
      temporalUi: url(ports.temporalUi),
      aws: aws.url,
      apiPort: ports.api,
      custodyPort: ports.custody,
      platformPort: ports.platform,
    },
    operator,
    { issuer: 'https://commerce.novantra.example', keys: await issuerKeys(commerce.url) },
    { sealingOverMs: options.sealingOverMs },
  );
  const env = { SMSK_CONFIG: configFile };
  await node('signer', 'workers/signer.ts', [], () => answersOnSocket(join(folder, 'signer.sock')), env);
  const ready = (port: number) => () => answers(`${url(port)}/readyz`);
  await allOf([
    node('custody-worker', 'workers/custody.ts', [], ready(ports.custody), env),
    node('platform-worker', 'workers/platform.ts', [], ready(ports.platform), env),
    node('api', 'api/main.ts', [], ready(ports.api), env),
  ]);
  return {
    api: url(ports.api),
    temporalAddress: temporal.address,
    temporalUi: url(ports.temporalUi),
    configFile,
    checkpointVkey: await vkeyOf(folder),
    databaseUrl,
    aws,
    commerce,
  };
}

/** Like `Promise.all`, but when one fails the others have ended too: each that started is known and can be stopped. */
async function allOf<T extends readonly Promise<unknown>[]>(starting: readonly [...T]) {
  await Promise.allSettled(starting);
  return Promise.all(starting);
}

async function database(
  started: (label: string, part: ReturnType<typeof startPostgres>) => ReturnType<typeof startPostgres>,
  options: { stateDir: string; durable: boolean; port: number },
  folder: string,
): Promise<string> {
  const { adminUrl } = await started('PostgreSQL', startPostgres(options));
  const owner = new URL(adminUrl);
  owner.pathname = `/${DATABASE}`;
  await createDatabase(adminUrl);
  await migrate(owner.href);
  const password = secretFile(join(folder, 'database.password'), randomToken);
  return provideApplicationLogin(owner.href, password);
}

async function createDatabase(adminUrl: string): Promise<void> {
  const client = new Client({ connectionString: adminUrl });
  await client.connect();
  try {
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [DATABASE]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${DATABASE}`);
  } finally {
    await client.end();
  }
}

async function vkeyOf(folder: string): Promise<string> {
  const token = secretFile(join(folder, 'signer.token'), randomToken);
  return (await signerClient({ socketPath: join(folder, 'signer.sock'), token }).keys()).checkpointVkey;
}

async function issuerKeys(commerceUrl: string) {
  const response = await fetch(`${commerceUrl}/jwks.json`, { signal: AbortSignal.timeout(5000) });
  const { keys } = (await response.json()) as {
    keys: { kty: 'OKP'; crv: 'Ed25519'; x: string; kid: string; 'smsk:mode': string }[];
  };
  return keys.map(({ kty, crv, x, kid, 'smsk:mode': mode }) => ({ kty, crv, x, kid, 'smsk:mode': mode }));
}

async function answers(address: string): Promise<boolean> {
  const response = await fetch(address, { signal: AbortSignal.timeout(1000) });
  return response.ok;
}

/** Any answer will do: the signer's door says nothing to whoever has no token. */
function answersOnSocket(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const asking = request({ socketPath, path: '/', timeout: 1000 }, (response) => {
      response.resume();
      resolve(true);
    });
    asking.once('error', () => resolve(false));
    asking.once('timeout', () => asking.destroy());
    asking.end();
  });
}

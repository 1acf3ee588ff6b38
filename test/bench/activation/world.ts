import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProviderName } from '../../../domain/custody';
import type { AzureDoor } from '../../../emulators/azure/door-client';
import { createCommerce } from '../../../emulators/commerce/commerce';
import { migrate } from '../../../prisma/migrate';
import type { Configuration } from '../../../runtime/config';
import { provideApplicationLogin } from '../../../scripts/parts/application-login';
import { signalGroup } from '../../../scripts/parts/orphans';
import { freePort } from '../../../scripts/parts/ports';
import { startPostgres } from '../../../scripts/parts/postgres';
import { type Part, startPart } from '../../../scripts/parts/process';
import { startTemporal } from '../../../scripts/parts/temporal';
import { answers, answersByTls, answersOnSocket } from '../../../scripts/story/answers';
import { writeConfiguration } from '../../../scripts/story/deployment';
import { type Operator, setUpOperator } from '../../../scripts/story/operator';
import type { OperatorApp } from '../../../scripts/story/operator-app';
import { randomToken, secretFile } from '../../../scripts/story/secrets';

const ROOT = join(__dirname, '..', '..', '..');

/** What both activations run on: durable PostgreSQL and Temporal, the clouds' emulators without latency. */
export interface World {
  /** Where the customers' keys are; the platform's are at AWS in any case. */
  readonly provider: ProviderName;
  readonly folder: string;
  readonly configFile: string;
  readonly config: Configuration;
  readonly temporal: string;
  readonly database: { readonly adminUrl: string; readonly url: string };
  readonly aws: { readonly url: string; readonly controlToken: string };
  readonly azure: AzureDoor;
  readonly operator: Operator<OperatorApp>;
  readonly commerce: Awaited<ReturnType<typeof createCommerce>>;
  /** Starts a TypeScript file as a process of its own and waits until it's ready. */
  node(name: string, file: string, env: NodeJS.ProcessEnv, ready: () => Promise<boolean>): Promise<void>;
  /** Of a process that is up. */
  pidOf(name: string): number;
  /** `kill -9`, and up again. */
  kill(name: string): Promise<void>;
}

/** In milliseconds. What the fence waits, and content operations may take, is by default the least there is. */
export interface Timing {
  readonly operationDeadlineMs?: number;
  readonly sweepMs?: number;
}

/** @param parts receives each part as it's started, for the caller to stop. */
export async function openWorld(
  provider: ProviderName,
  stateDir: string,
  parts: Pick<Part, 'stop'>[],
  timing: Timing = {},
): Promise<World> {
  const started = async <T extends Pick<Part, 'stop'>>(part: Promise<T>): Promise<T> => {
    const running = await part;
    parts.push(running);
    return running;
  };
  const processes = new Map<string, { readonly part: Part; start(): Promise<void> }>();
  const node = async (
    name: string,
    [file = '', ...args]: readonly string[],
    env: NodeJS.ProcessEnv,
    ready: () => Promise<boolean>,
  ): Promise<void> => {
    const loader = join(ROOT, 'node_modules', 'tsx', 'dist', 'loader.mjs');
    const start = async (): Promise<void> => {
      const part = await started(
        startPart({
          name,
          stateDir,
          command: process.execPath,
          args: ['--import', loader, join(ROOT, file), ...args],
          env: { PATH: process.env['PATH'] ?? '', HOME: stateDir, ...env },
          cwd: ROOT,
          ready,
          readyWithinMs: 90_000,
        }),
      );
      processes.set(name, { part, start });
    };
    await start();
  };

  const folder = join(stateDir, 'deployment');
  const emulator = async (cloud: 'aws' | 'azure') => {
    const tokenFile = join(folder, `${cloud}-control.token`);
    const controlToken = secretFile(tokenFile, randomToken);
    const port = await freePort();
    const program = [`emulators/${cloud}/main.ts`, '--port', String(port), '--control-token-file', tokenFile];
    return { port, controlToken, program };
  };
  const [forAws, forAzure] = [await emulator('aws'), await emulator('azure')];
  const aws = { url: `http://127.0.0.1:${forAws.port}`, controlToken: forAws.controlToken };
  const azureUrl = `https://127.0.0.1:${forAzure.port}`;
  const azureState = join(stateDir, 'azure');
  const caFile = join(azureState, 'ca.pem');
  const [postgres, temporal] = await Promise.all([
    started(startPostgres({ stateDir, durable: true })),
    started(startTemporal({ stateDir, durable: true })),
    node('aws-emulator', forAws.program, {}, () => answers(`${aws.url}/_emulator/health`)),
    node('azure-emulator', [...forAzure.program, '--state-dir', azureState], {}, () =>
      answersByTls(azureUrl, caFile),
    ),
  ]);
  await migrate(postgres.adminUrl);
  const url = await provideApplicationLogin(postgres.adminUrl, randomToken());

  const azure = { url: azureUrl, ca: readFileSync(caFile, 'utf8'), controlToken: forAzure.controlToken };
  const operator = await setUpOperator({ aws, azure }, folder);
  const commerce = await createCommerce();
  const ports = { custody: await freePort(), platform: await freePort() };
  const configFile = await writeConfiguration(
    folder,
    {
      databaseUrl: url,
      temporal: temporal.address,
      temporalUi: 'http://127.0.0.1',
      aws: aws.url,
      azure: { url: azureUrl, caFile },
      apiPort: 0,
      custodyPort: ports.custody,
      platformPort: ports.platform,
    },
    operator,
    {
      issuer: commerce.issuer,
      keys: commerce.jwks().keys.map(({ kty, crv, x, kid, 'smsk:mode': mode }) => ({
        kty,
        crv,
        x,
        kid,
        'smsk:mode': mode,
      })),
    },
    { sealingOverMs: 1 },
  );
  const config = withTiming(configFile, timing);
  const signerSocket = join(folder, config.signer.socket);
  const ours = { SMSK_CONFIG: configFile };
  await node('signer', ['workers/signer.ts'], ours, () => answersOnSocket(signerSocket));
  await Promise.all(
    (['custody', 'platform'] as const).map((name) =>
      node(`${name}-worker`, [`workers/${name}.ts`], ours, () =>
        answers(`http://127.0.0.1:${ports[name]}/readyz`),
      ),
    ),
  );
  return {
    provider,
    folder,
    configFile,
    config,
    temporal: temporal.address,
    database: { adminUrl: postgres.adminUrl, url },
    aws,
    azure,
    operator,
    commerce,
    node: (name, file, env, ready) => node(name, [file], env, ready),
    pidOf: (name) => processOf(processes, name).part.pid,
    kill: async (name) => {
      const { part, start } = processOf(processes, name);
      signalGroup(part.pid, 'SIGKILL');
      await part.exited;
      await start();
    },
  };
}

function processOf<T>(processes: ReadonlyMap<string, T>, name: string): T {
  const found = processes.get(name);
  if (found === undefined) throw new Error(`there is no process ${name}`);
  return found;
}

/**
 * Live order (c) and (d) wait by design: for the deadline of operations under way, and between refusals, which are
 * the least the configuration allows: three over 1 ms. Each still is a durable timer.
 */
function withTiming(file: string, { operationDeadlineMs = 1, sweepMs = 300_000 }: Timing): Configuration {
  const config = JSON.parse(readFileSync(file, 'utf8')) as Configuration;
  const changed = {
    ...config,
    sealing: { refusals: 3, overMs: 1 },
    cipher: { ...config.cipher, operationDeadlineMs },
    sweep: { ...config.sweep, periodMs: sweepMs },
  };
  writeFileSync(file, JSON.stringify(changed));
  return changed;
}

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createCommerce } from '../../../emulators/commerce/commerce';
import { migrate } from '../../../prisma/migrate';
import type { Configuration } from '../../../runtime/config';
import { provideApplicationLogin } from '../../../scripts/parts/application-login';
import { freePort } from '../../../scripts/parts/ports';
import { startPostgres } from '../../../scripts/parts/postgres';
import { type Part, startPart } from '../../../scripts/parts/process';
import { startTemporal } from '../../../scripts/parts/temporal';
import { answers, answersOnSocket } from '../../../scripts/story/answers';
import { writeConfiguration } from '../../../scripts/story/deployment';
import { setUpOperator } from '../../../scripts/story/operator';
import type { OperatorAccount } from '../../../scripts/story/operator-account';
import { randomToken, secretFile } from '../../../scripts/story/secrets';

const ROOT = join(__dirname, '..', '..', '..');

/** What both activations run on: durable PostgreSQL and Temporal, the AWS emulator over HTTP without latency. */
export interface World {
  readonly folder: string;
  readonly configFile: string;
  readonly config: Configuration;
  readonly temporal: string;
  readonly database: { readonly adminUrl: string; readonly url: string };
  readonly aws: { readonly url: string; readonly controlToken: string };
  readonly operator: OperatorAccount;
  readonly commerce: Awaited<ReturnType<typeof createCommerce>>;
  /** Starts a TypeScript file as a process of its own and waits until it's ready. */
  node(name: string, file: string, env: NodeJS.ProcessEnv, ready: () => Promise<boolean>): Promise<void>;
}

/** @param parts receives each part as it's started, for the caller to stop. */
export async function openWorld(stateDir: string, parts: Pick<Part, 'stop'>[]): Promise<World> {
  const started = async <T extends Pick<Part, 'stop'>>(part: Promise<T>): Promise<T> => {
    const running = await part;
    parts.push(running);
    return running;
  };
  const node = async (
    name: string,
    [file = '', ...args]: readonly string[],
    env: NodeJS.ProcessEnv,
    ready: () => Promise<boolean>,
  ): Promise<void> => {
    const loader = join(ROOT, 'node_modules', 'tsx', 'dist', 'loader.mjs');
    await started(
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
  };

  const folder = join(stateDir, 'deployment');
  const tokenFile = join(folder, 'aws-control.token');
  const awsPort = await freePort();
  const aws = { url: `http://127.0.0.1:${awsPort}`, controlToken: secretFile(tokenFile, randomToken) };
  const emulator = ['emulators/aws/main.ts', '--port', String(awsPort), '--control-token-file', tokenFile];
  const [postgres, temporal] = await Promise.all([
    started(startPostgres({ stateDir, durable: true })),
    started(startTemporal({ stateDir, durable: true })),
    node('aws-emulator', emulator, {}, () => answers(`${aws.url}/_emulator/health`)),
  ]);
  await migrate(postgres.adminUrl);
  const url = await provideApplicationLogin(postgres.adminUrl, randomToken());

  const operator = await setUpOperator({ aws, azure: null }, folder);
  const commerce = await createCommerce();
  const ports = { custody: await freePort(), platform: await freePort() };
  const configFile = await writeConfiguration(
    folder,
    {
      databaseUrl: url,
      temporal: temporal.address,
      temporalUi: 'http://127.0.0.1',
      aws: aws.url,
      azure: null,
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
  const config = withoutWaits(configFile);
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
    folder,
    configFile,
    config,
    temporal: temporal.address,
    database: { adminUrl: postgres.adminUrl, url },
    aws,
    operator: operator.account,
    commerce,
    node: (name, file, env, ready) => node(name, [file], env, ready),
  };
}

/**
 * Live order (c) and (d) wait by design: for the deadline of operations under way, and between refusals. Both at
 * the least the configuration allows: 1 ms, and three refusals over 1 ms. Each still is a durable timer.
 */
function withoutWaits(file: string): Configuration {
  const config = JSON.parse(readFileSync(file, 'utf8')) as Configuration;
  const changed = {
    ...config,
    sealing: { refusals: 3, overMs: 1 },
    cipher: { ...config.cipher, operationDeadlineMs: 1 },
  };
  writeFileSync(file, JSON.stringify(changed));
  return changed;
}

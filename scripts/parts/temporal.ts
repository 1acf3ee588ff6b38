import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time';
import { SEARCH_ATTRIBUTE_TYPES } from '../../workflows/contract/search-attributes';
import { freePort } from './ports';
import { startPart } from './process';
import { temporalBinaries } from './temporal-binaries';

export interface TemporalOptions {
  /** Holds the server's database and its log. Made if absent. */
  readonly stateDir: string;
  /** Any free one by default. */
  readonly port?: number;
  /** The Web UI's port; without it there's no Web UI. */
  readonly uiPort?: number;
  /** The codec endpoint that the Web UI is set to. */
  readonly codecEndpoint?: string;
  /** False gives up surviving a power cut for speed: tests only. */
  readonly durable: boolean;
  /** How long closed workflows stay readable; 30 days by default, the server's own default is one. */
  readonly retentionDays?: number;
}

export interface Temporal {
  /** `host:port` of the gRPC API. */
  readonly address: string;
  readonly namespace: string;
  readonly uiUrl: string | undefined;
  readonly pid: number;
  readonly logFile: string;
  readonly exited: Promise<string>;
  stop(): Promise<void>;
}

const NAMESPACE = 'default';

/**
 * Starts Temporal's development server on 127.0.0.1, its state in the state folder, with our search attributes
 * registered: a workflow that sets an unknown one would retry its task for ever.
 *
 * @throws {PartNotReady}
 */
export async function startTemporal(options: TemporalOptions): Promise<Temporal> {
  const { stateDir, uiPort, codecEndpoint, durable, retentionDays = 30 } = options;
  mkdirSync(stateDir, { recursive: true });
  const port = options.port ?? (await freePort());
  const address = `127.0.0.1:${port}`;
  const part = await startPart({
    name: 'temporal',
    stateDir,
    command: temporalBinaries().temporal,
    args: [
      ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port), '--log-level', 'warn'],
      ...['--namespace', NAMESPACE, '--db-filename', join(stateDir, 'temporal.db')],
      ...(uiPort === undefined ? ['--headless'] : ['--ui-port', String(uiPort)]),
      ...(codecEndpoint === undefined ? [] : ['--ui-codec-endpoint', codecEndpoint]),
      ...Object.entries(SEARCH_ATTRIBUTE_TYPES).flatMap(([name, type]) => [
        '--search-attribute',
        `${name}=${type}`,
      ]),
      ...(durable ? [] : ['--sqlite-pragma', 'journal_mode=wal', '--sqlite-pragma', 'synchronous=off']),
    ],
    // Profiles and variables of the user's own Temporal CLI mean other servers than this.
    env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin', HOME: stateDir },
    ready: () => answers(address),
    readyWithinMs: 60_000,
  });
  try {
    await setRetention(address, retentionDays);
  } catch (error) {
    await part.stop();
    throw error;
  }
  const uiUrl = uiPort === undefined ? undefined : `http://127.0.0.1:${uiPort}`;
  const { pid, logFile, exited, stop } = part;
  return { address, namespace: NAMESPACE, uiUrl, pid, logFile, exited, stop };
}

async function answers(address: string): Promise<boolean> {
  return withConnection(address, async ({ workflowService, operatorService }) => {
    await workflowService.describeNamespace({ namespace: NAMESPACE });
    const { customAttributes } = await operatorService.listSearchAttributes({ namespace: NAMESPACE });
    return Object.keys(SEARCH_ATTRIBUTE_TYPES).every((name) => customAttributes?.[name] !== undefined);
  });
}

async function setRetention(address: string, days: number): Promise<void> {
  await withConnection(address, ({ workflowService }) =>
    workflowService.updateNamespace({
      namespace: NAMESPACE,
      config: { workflowExecutionRetentionTtl: msToTs(`${days} days`) },
    }),
  );
}

async function withConnection<T>(address: string, use: (connection: Connection) => Promise<T>): Promise<T> {
  const connection = await Connection.connect({ address, connectTimeout: 1_000 });
  try {
    return await connection.withDeadline(Date.now() + 5_000, () => use(connection));
  } finally {
    await connection.close();
  }
}

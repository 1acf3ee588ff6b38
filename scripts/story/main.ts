// Boots the parts, runs a workflow with one activity through them, and keeps them running until interrupted.
import { randomUUID } from 'node:crypto';
import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { migrate } from '../../prisma/migrate';
import { choosePorts } from '../parts/ports';
import { startPostgres } from '../parts/postgres';
import { type Part, stopParts } from '../parts/process';
import { withProgress } from '../parts/progress';
import { claimState, removeState } from '../parts/state';
import { startTemporal, type Temporal } from '../parts/temporal';

const once = process.argv.includes('--once');
const stateDir = once ? throwAway() : join(__dirname, '..', '..', '.smsk', 'state');

async function main(): Promise<void> {
  if (process.argv.includes('--fresh')) removeState(stateDir);
  const claim = await claimState(stateDir);
  const parts: Pick<Part, 'stop'>[] = [];
  const interrupted = new Promise<void>((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });
  try {
    await Promise.race([boot(parts), interrupted]);
    if (!once) await interrupted;
  } finally {
    await withProgress(console.log, 'stopping', stopParts(parts));
    claim.release();
    if (once) removeState(stateDir);
  }
}

async function boot(parts: Pick<Part, 'stop'>[]): Promise<void> {
  const ports = await choosePorts(stateDir, { postgres: 5433, temporal: 7233, temporalUi: 8233 });
  const starting = startPostgres({ stateDir, port: ports.postgres, durable: !once });
  const postgres = await withProgress(console.log, 'starting PostgreSQL', starting);
  parts.push(postgres);
  await withProgress(console.log, 'migrating', migrate(postgres.adminUrl));
  const temporal = await withProgress(
    console.log,
    'starting Temporal',
    startTemporal({ stateDir, port: ports.temporal, uiPort: ports.temporalUi, durable: !once }),
  );
  parts.push(temporal);
  console.log(await withProgress(console.log, 'running a workflow', runWorkflow(temporal)));
  console.log(`Temporal Web UI: ${temporal.uiUrl}`);
}

async function runWorkflow({ address }: Temporal): Promise<string> {
  Runtime.install({ logger: new DefaultLogger('WARN') });
  const taskQueue = 'story';
  const native = await NativeConnection.connect({ address });
  const connection = await Connection.connect({ address });
  try {
    const worker = await Worker.create({
      connection: native,
      taskQueue,
      workflowsPath: require.resolve('./workflow'),
      activities: { greet: async (name: string) => `hello, ${name}` },
    });
    const client = new Client({ connection });
    return await worker.runUntil(
      client.workflow.execute('sayHello', {
        taskQueue,
        workflowId: `story/${randomUUID()}`,
        args: [{ name: 'acme' }],
      }),
    );
  } finally {
    await connection.close();
    await native.close();
  }
}

function throwAway(): string {
  const folder = mkdtempSync(join(tmpdir(), 'smsk-once-'));
  // PostgreSQL may run as another account than ours and has to walk through it.
  chmodSync(folder, 0o711);
  return folder;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});

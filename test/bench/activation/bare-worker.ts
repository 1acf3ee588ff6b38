import { readFileSync, writeFileSync } from 'node:fs';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { Client } from 'pg';
import { type BareDeps, createBareActivities } from './bare-activities';
import { BARE_QUEUES } from './bare-contract';

/** What the process is told, as JSON in the file that `BARE_SETTINGS` names. */
export interface BareSettings extends Omit<BareDeps, 'database'> {
  readonly temporal: string;
  readonly databaseUrl: string;
  readonly role: keyof typeof BARE_QUEUES;
  /** Written once the worker polls. */
  readonly readyFile: string;
}

/** One of the bare activation's two workers: as with the product, each is a process of its own. */
async function main(): Promise<void> {
  const settings = JSON.parse(readFileSync(process.env['BARE_SETTINGS'] ?? '', 'utf8')) as BareSettings;
  Runtime.install({ logger: new DefaultLogger('WARN') });
  const database = new Client({ connectionString: settings.databaseUrl });
  await database.connect();
  const connection = await NativeConnection.connect({ address: settings.temporal });
  const worker = await Worker.create({
    connection,
    taskQueue: BARE_QUEUES[settings.role],
    activities: createBareActivities({ ...settings, database }),
    ...(settings.role === 'custody' ? { workflowsPath: require.resolve('./bare-workflow') } : {}),
  });
  const finished = worker.run();
  writeFileSync(settings.readyFile, 'ready');
  await finished;
  await database.end();
  await connection.close();
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});

import { readFileSync, writeFileSync } from 'node:fs';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { Client } from 'pg';
import type { AzureEmulator } from '../../../providers/egress/azure-emulator';
import type { OperatorApp } from '../../../scripts/story/operator-app';
import { type BareDeps, createBareActivities } from './bare-activities';
import { bareAwsKey } from './bare-aws-key';
import { bareAzureKey } from './bare-azure-key';
import { BARE_QUEUES, type BareKey } from './bare-contract';
import type { AwsKeys } from './bare-kms';

/** What the process is told, as JSON in the file that `BARE_SETTINGS` names. */
export interface BareSettings extends Omit<BareDeps, 'database' | 'key'> {
  /** As whom customers' keys are called. */
  readonly caller:
    | { readonly provider: 'aws-kms'; readonly principal: AwsKeys }
    | { readonly provider: 'azure-key-vault'; readonly emulator: AzureEmulator; readonly app: OperatorApp };
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
    activities: createBareActivities({ ...settings, database, key: keyOf(settings) }),
    ...(settings.role === 'custody' ? { workflowsPath: require.resolve('./bare-workflow') } : {}),
  });
  const finished = worker.run();
  writeFileSync(settings.readyFile, 'ready');
  await finished;
  await database.end();
  await connection.close();
}

function keyOf({ caller, aws }: BareSettings): BareKey {
  return caller.provider === 'aws-kms'
    ? bareAwsKey(aws, caller.principal)
    : bareAzureKey(caller.emulator, caller.app);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});

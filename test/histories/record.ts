// Records test/histories/*.json anew: `npx tsx test/histories/record.ts`, or those of the stories that it names. Only
// before the first release: from then on they are frozen, and a change of a workflow that can't replay them needs
// `patched`.
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import {
  activationId,
  connectionChangeId,
  incidentWorkflowId,
  offboardingId,
  organizationWorkflowId,
  rotationId,
} from '../../workflows/contract';
import { provideTestServer, provideWorkflowBundle } from '../harness/services';
import { type Rig, realServer, startRig } from '../workflow/support/rig';
import type { Story } from '../workflow/support/story';
import { CHANGES, CONTINUED, OFFBOARDINGS, RECOVERIES, ROTATIONS, STORIES } from './stories';

/** Stories to record; none named: all. */
const named = process.argv.slice(2);
const isWanted = (name: string): boolean => named.length === 0 || named.includes(name);
const isOf = (file: string): boolean => isWanted(file.replace(/(-\d+)?\.json$/, ''));

async function record(): Promise<void> {
  provideTestServer();
  await provideWorkflowBundle();
  const files = readdirSync(__dirname).filter((file) => file.endsWith('.json'));
  for (const file of files) if (isOf(file)) rmSync(join(__dirname, file));
  const skipping = await startRig();
  for (const [name, tell] of Object.entries(STORIES)) {
    if (isWanted(name)) await save(skipping, name, await tell(skipping), activationId);
  }
  for (const [name, tell] of Object.entries(ROTATIONS)) {
    if (isWanted(name)) await save(skipping, name, await tell(skipping), rotationId);
  }
  for (const [name, tell] of Object.entries(CHANGES)) {
    if (isWanted(name)) await save(skipping, name, await tell(skipping), connectionChangeId);
  }
  for (const [name, tell] of Object.entries(OFFBOARDINGS)) {
    if (isWanted(name)) await save(skipping, name, await tell(skipping), offboardingId);
  }
  for (const [name, tell] of Object.entries(RECOVERIES)) {
    if (isWanted(name)) await save(skipping, name, await tell(skipping), incidentWorkflowId);
  }
  await skipping.stop();
  if (!isWanted('continued')) return;
  const real = await startRig(realServer);
  await save(real, 'continued', await CONTINUED(real), activationId);
  await real.stop();
}

/** Every run of the story's workflow; of one story its organization's creation as well. */
async function save(
  { client }: Rig,
  name: string,
  story: Story,
  idOf: (organization: string) => string,
): Promise<void> {
  const workflowId = idOf(story.name);
  let runId = await firstRun(client, workflowId);
  for (let number = 1; runId !== undefined; number += 1) {
    runId = await write(client, `${name}-${number}`, workflowId, runId);
  }
  if (name === 'completed') await write(client, 'created', organizationWorkflowId(story.name));
}

async function firstRun(client: Client, workflowId: string): Promise<string | undefined> {
  const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
  return events?.[0]?.workflowExecutionStartedEventAttributes?.firstExecutionRunId ?? undefined;
}

/** @returns the run that continued it, if one did */
async function write(
  client: Client,
  name: string,
  workflowId: string,
  runId?: string,
): Promise<string | undefined> {
  const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
  writeFileSync(
    join(__dirname, `${name}.json`),
    `${JSON.stringify({ workflowId, history: readable(history) })}\n`,
  );
  const last = history.events?.at(-1)?.workflowExecutionContinuedAsNewEventAttributes;
  return last?.newExecutionRunId ?? undefined;
}

const { History } = temporal.api.history.v1;
/** As `History.fromObject` reads it. (The SDK's own `historyToJSON` wants a single copy of protobufjs.) */
const readable = (history: temporal.api.history.v1.IHistory): object =>
  History.toObject(History.fromObject(history), { longs: String, bytes: String, enums: String });

void record().then(() => process.exit(0));

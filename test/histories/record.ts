// Records test/histories/*.json anew: `npx tsx test/histories/record.ts`. Only before the first release: from then
// on they are frozen, and a change of a workflow that can't replay them needs `patched`.
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import { activationId, organizationWorkflowId } from '../../workflows/contract';
import { provideTestServer } from '../harness/services';
import { type Rig, realServer, startRig } from '../workflow/support/rig';
import type { Story } from '../workflow/support/story';
import { CONTINUED, STORIES } from './stories';

async function record(): Promise<void> {
  provideTestServer();
  for (const file of readdirSync(__dirname)) if (file.endsWith('.json')) rmSync(join(__dirname, file));
  const skipping = await startRig();
  for (const [name, tell] of Object.entries(STORIES)) {
    await save(skipping, name, await tell(skipping));
  }
  await skipping.stop();
  const real = await startRig(realServer);
  await save(real, 'continued', await CONTINUED(real));
  await real.stop();
}

/** Every run of the story's activation; of one story its organization's creation as well. */
async function save({ client }: Rig, name: string, story: Story): Promise<void> {
  let runId = await firstRun(client, activationId(story.name));
  for (let number = 1; runId !== undefined; number += 1) {
    runId = await write(client, `${name}-${number}`, activationId(story.name), runId);
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

import { randomBytes } from 'node:crypto';
import type { Payload } from '@temporalio/common';
import { createPayloadCodec } from '../../../runtime/payload-codec';
import { payloadSealing } from '../../../runtime/temporal';
import { waitUntil } from '../../../scripts/parts/wait';
import type { Arrangement } from './arrangement';
import type { Deployment } from './deployment';
import { evidence } from './evidence';
import { Haystack } from './search';
import { asSuperuser } from './sql';
import { temporalSaid } from './workers';

/** Histories of all workflows, every column of every table, all logs, and the evidence. */
export async function everythingKept(
  deployment: Deployment,
  arrangements: readonly Arrangement[],
): Promise<Haystack> {
  const haystack = new Haystack();
  await addHistories(haystack, deployment, arrangements);
  await asSuperuser(deployment.database.ownerUrl, async (query) => {
    const tables = await query(`SELECT tablename FROM pg_tables WHERE schemaname = 'public'`);
    for (const { tablename } of tables) {
      haystack.add(`table ${String(tablename)}`, await query(`SELECT * FROM "${String(tablename)}"`));
    }
  });
  haystack.add('log', deployment.log.lines);
  haystack.add('log of Temporal', temporalSaid);
  for (const each of arrangements) {
    for (const [name, content] of await evidence(each)) haystack.add(`evidence ${name}`, content);
  }
  return haystack;
}

async function addHistories(
  haystack: Haystack,
  { client, runtime }: Deployment,
  arrangements: readonly Arrangement[],
): Promise<void> {
  const codec = createPayloadCodec(payloadSealing(runtime, randomBytes));
  const runs = async () => {
    const found: { workflowId: string; runId: string }[] = [];
    for await (const { workflowId, runId } of client.workflow.list()) found.push({ workflowId, runId });
    return found;
  };
  // The list is a step behind.
  await waitUntil(async () => (await runs()).length >= 2 * arrangements.length, 20_000);
  for (const { workflowId, runId } of await runs()) {
    const handle = client.workflow.getHandle(workflowId, runId);
    const history = await handle.fetchHistory();
    haystack.add(`history of ${workflowId}`, history);
    for (const payload of await codec.decode(payloadsIn(history)))
      haystack.add(`history of ${workflowId}, opened`, payload);
    haystack.add(`description of ${workflowId}`, (await handle.describe()).raw);
  }
}

/** Every payload there is in a message of Temporal's, however deep. */
function payloadsIn(value: unknown): Payload[] {
  if (value === null || typeof value !== 'object' || value instanceof Uint8Array) return [];
  const { metadata, data } = value as Payload;
  if (metadata && data instanceof Uint8Array) return [{ metadata, data }];
  return Object.values(value).flatMap(payloadsIn);
}

import { randomUUID } from 'node:crypto';
import { WorkflowFailedError, WorkflowUpdateFailedError } from '@temporalio/client';
import { ActivityFailure, ApplicationFailure } from '@temporalio/common';
import type { Arrangement } from './arrangement';
import type { Deployment } from './deployment';

/** As in `temporal.api.enums.v1.ResetReapplyExcludeType`. */
const EXCLUDE = { SIGNAL: 1, UPDATE: 2 } as const;

/** What the Temporal UI's Reset to the first workflow task does. */
export async function resetToStart(
  { client, namespace }: Deployment,
  { handle, organization }: Arrangement,
  { reapply }: { reapply: boolean },
): Promise<void> {
  const { events } = await handle.fetchHistory();
  const first = events?.find(
    ({ workflowTaskCompletedEventAttributes }) => workflowTaskCompletedEventAttributes,
  );
  const { runId } = await handle.describe();
  const workflowTaskFinishEventId = first?.eventId ?? null;
  if (workflowTaskFinishEventId === null) throw new Error('no workflow task was completed');
  await client.connection.withDeadline(Date.now() + 20_000, () =>
    client.workflowService.resetWorkflowExecution({
      namespace: namespace.name,
      workflowExecution: { workflowId: `activation/${organization.name}`, runId },
      reason: 'by a test',
      workflowTaskFinishEventId,
      requestId: randomUUID(),
      resetReapplyExcludeTypes: reapply ? [] : [EXCLUDE.SIGNAL, EXCLUDE.UPDATE],
    }),
  );
}

/** The code a run or an update was refused with. */
export function codeOf(error: unknown): string {
  const isFailed = error instanceof WorkflowFailedError || error instanceof WorkflowUpdateFailedError;
  const cause: unknown = isFailed ? error.cause : error;
  const inner = cause instanceof ActivityFailure ? cause.cause : cause;
  return inner instanceof ApplicationFailure ? (inner.type ?? 'no type') : String(error);
}

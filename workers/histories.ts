import { type Client, isGrpcServiceError, WorkflowNotFoundError } from '@temporalio/client';
import type { Histories } from '../domain/ports/histories';

const CALL_MS = 5_000;
/** gRPC status NOT_FOUND. */
const NOT_FOUND = 5;

/** Deletes histories at the Temporal that the client is connected to. */
export function createHistories(client: Client): Histories {
  const { namespace } = client.options;
  return {
    remove: ({ workflowId, runId }) =>
      client.withDeadline(Date.now() + CALL_MS, async () => {
        const workflowExecution = { workflowId, runId };
        const described = await unlessGone(client.workflow.getHandle(workflowId, runId).describe());
        if (described?.status.name === 'RUNNING') return 'running';
        if (described !== null) {
          await unlessGone(client.workflowService.deleteWorkflowExecution({ namespace, workflowExecution }));
          return 'asked';
        }
        const history = await unlessGone(
          client.workflowService.getWorkflowExecutionHistory({ namespace, execution: workflowExecution }),
        );
        return history === null ? 'gone' : 'asked';
      }),
  };
}

async function unlessGone<T>(asked: Promise<T>): Promise<T | null> {
  try {
    return await asked;
  } catch (error) {
    const isGone =
      error instanceof WorkflowNotFoundError || (isGrpcServiceError(error) && codeOf(error) === NOT_FOUND);
    if (isGone) return null;
    throw error;
  }
}

const codeOf = (error: object): unknown => ('code' in error ? error.code : null);

import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import type { OrganizationName } from '../domain/ids';
import { startActivation, startRotation, WORKFLOW_TYPES } from '../workflows/contract';

/** Starts an organization's run; where one runs, that is the one. @throws where Temporal doesn't answer in time */
export type StartRun = (organization: OrganizationName) => Promise<void>;

/** Of each call of a worker's own to Temporal, in milliseconds. */
export const DEADLINE_MS = 5_000;

export const activationsOf = (client: Client): StartRun =>
  starting(client, WORKFLOW_TYPES.activateCustomerKey, startActivation);
export const rotationsOf = (client: Client): StartRun =>
  starting(client, WORKFLOW_TYPES.rotateCustomerKey, startRotation);

const starting =
  (client: Client, type: string, optionsOf: typeof startActivation | typeof startRotation): StartRun =>
  (organization) =>
    client.withDeadline(Date.now() + DEADLINE_MS, async () => {
      try {
        await client.workflow.start(type, optionsOf({ organization }));
      } catch (error) {
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      }
    });

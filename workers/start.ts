import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import type { OperationKind } from '../domain/custody';
import type { OperationId, OrganizationName } from '../domain/ids';
import { resuming, startRotation, startTelling, WORKFLOW_TYPES } from '../workflows/contract';
import type { StartTelling } from './tellings';

/** Starts an organization's run. @returns `false`: one runs. @throws where Temporal doesn't answer in time */
export type StartRun = (organization: OrganizationName) => Promise<boolean>;
/** Starts a run that goes on with an open operation. As {@link StartRun}. */
export type ResumeRun = (
  kind: OperationKind,
  organization: OrganizationName,
  operation: OperationId,
) => Promise<boolean>;

/** Of each call of a worker's own to Temporal, in milliseconds. */
export const DEADLINE_MS = 5_000;

export const rotationsOf =
  (client: Client): StartRun =>
  (organization) =>
    start(client, WORKFLOW_TYPES.rotateCustomerKey, startRotation({ organization }));

export const resumedAt =
  (client: Client): ResumeRun =>
  (kind, organization, operation) => {
    const { type, options } = resuming(kind, organization, operation);
    return start(client, type, options);
  };

export const tellingsAt =
  (client: Client): StartTelling =>
  (notice) =>
    start(client, WORKFLOW_TYPES.tellOfOperation, startTelling(notice));

const start = (
  client: Client,
  type: string,
  options:
    | ReturnType<typeof startRotation>
    | ReturnType<typeof resuming>['options']
    | ReturnType<typeof startTelling>,
): Promise<boolean> =>
  client.withDeadline(Date.now() + DEADLINE_MS, async () => {
    try {
      await client.workflow.start(type, options);
      return true;
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      return false;
    }
  });

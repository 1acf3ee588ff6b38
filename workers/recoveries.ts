import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import type { OrganizationName } from '../domain/ids';
import { incidentWorkflowId, recoverySignals, startRecovery, WORKFLOW_TYPES } from '../workflows/contract';
import { DEADLINE_MS } from './start';

/** The incidents' recoveries in Temporal. Every call has a deadline and throws when Temporal doesn't answer. */
export interface Recoveries {
  /** Starts the organization's recovery, or tells the running one. */
  tell(organization: OrganizationName, what: keyof typeof recoverySignals): Promise<void>;
  isRunning(organization: OrganizationName): Promise<boolean>;
}

export function createRecoveries(client: Client): Recoveries {
  const within = <T>(call: () => Promise<T>): Promise<T> =>
    client.withDeadline(Date.now() + DEADLINE_MS, call);
  return {
    tell: (organization, what) =>
      within(async () => {
        await client.workflow.signalWithStart(WORKFLOW_TYPES.recoverCustomerKey, {
          ...startRecovery({ organization }),
          signal: recoverySignals[what],
        });
      }),
    isRunning: (organization) =>
      within(async () => {
        try {
          const { status } = await client.workflow.getHandle(incidentWorkflowId(organization)).describe();
          return status.name === 'RUNNING';
        } catch (error) {
          if (error instanceof WorkflowNotFoundError) return false;
          throw error;
        }
      }),
  };
}

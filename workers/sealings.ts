import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import type { OrganizationName } from '../domain/ids';
import type { Store } from '../store/contract';
import { startActivation, WORKFLOW_TYPES } from '../workflows/contract';

/** The activations in Temporal. */
export interface Activations {
  /** Has a deadline; where one runs, that is the one. @throws where Temporal doesn't answer */
  start(organization: OrganizationName): Promise<void>;
}

const DEADLINE_MS = 5_000;

export const createActivations = (client: Client): Activations => ({
  start: (organization) =>
    client.withDeadline(Date.now() + DEADLINE_MS, async () => {
      try {
        await client.workflow.start(WORKFLOW_TYPES.activateCustomerKey, startActivation({ organization }));
      } catch (error) {
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      }
    }),
});

/** So long a sealing goes on by itself before it's made sure that it does: a retry of its slowest step. */
const UNDER_WAY_MS = 90_000;

/**
 * A switch whose run was terminated leaves the former platform key unproved: it is taken over by another run, which
 * goes on where the operation stands. One that runs is left alone.
 */
export async function resumeSealings(
  store: Pick<Store, 'sealingFor'>,
  activations: Activations,
  underWayMs = UNDER_WAY_MS,
): Promise<void> {
  for (const organization of await store.sealingFor(underWayMs)) await activations.start(organization);
}

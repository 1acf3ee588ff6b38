import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import type { OrganizationName } from '../domain/ids';
import type { RotationRule } from '../domain/rotation';
import type { Store } from '../store/contract';
import { startRotation, WORKFLOW_TYPES } from '../workflows/contract';

/** The rotations in Temporal. */
export interface Rotations {
  /** Has a deadline; where one runs, that is the one. @throws where Temporal doesn't answer */
  start(organization: OrganizationName): Promise<void>;
}

const DEADLINE_MS = 5_000;

export const createRotations = (client: Client): Rotations => ({
  start: (organization) =>
    client.withDeadline(Date.now() + DEADLINE_MS, async () => {
      try {
        await client.workflow.start(WORKFLOW_TYPES.rotateCustomerKey, startRotation({ organization }));
      } catch (error) {
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      }
    }),
});

/**
 * Starts what is due: noticed by the sweep, postponed because another operation held the lock, by a key version's age
 * or use, or interrupted. What each then does is the store's word, not this start's.
 */
export async function startDueRotations(
  store: Pick<Store, 'rotationsDue'>,
  rotations: Rotations,
  rule: RotationRule,
): Promise<void> {
  for (const { organization } of await store.rotationsDue(rule)) await rotations.start(organization.name);
}

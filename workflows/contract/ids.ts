import type { OrganizationName } from '../../domain/ids';
import { organizationName } from '../../domain/intake/fields';

/** Workflow ids by function: nobody builds one by hand. Each workflow's first line refuses any other. */
export const activationId = (organization: OrganizationName | string): string => `activation/${organization}`;
export const organizationWorkflowId = (organization: OrganizationName | string): string =>
  `organization/${organization}`;
/** Of the run whose history goes. */
export const historyRemovalId = (runId: string): string => `history-removal/${runId}`;

/** The organization that an id of ours names; `null` for any other id. */
export function organizationIn(workflowId: string): OrganizationName | null {
  const { data } = organizationName.safeParse(workflowId.split('/')[1]);
  const isOurs =
    data !== undefined && [activationId(data), organizationWorkflowId(data)].includes(workflowId);
  return isOurs ? data : null;
}

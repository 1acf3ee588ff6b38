import type { OrganizationName } from '../../domain/ids';

/** Workflow ids by function: nobody builds one by hand. Each workflow's first line refuses any other. */
export const activationId = (organization: OrganizationName | string): string => `activation/${organization}`;
export const organizationWorkflowId = (organization: OrganizationName | string): string =>
  `organization/${organization}`;

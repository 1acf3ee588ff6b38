import type { ApprovedKind } from '../../domain/custody';
import type { OrganizationName } from '../../domain/ids';
import { organizationName } from '../../domain/intake/fields';
import type { OperationNotice } from '../../domain/notice';

/** Workflow ids by function: nobody builds one by hand. Each workflow's first line refuses any other. */
export const activationId = (organization: OrganizationName | string): string => `activation/${organization}`;
export const connectionChangeId = (organization: OrganizationName | string): string =>
  `connection/${organization}`;
export const offboardingId = (organization: OrganizationName | string): string =>
  `offboarding/${organization}`;
/** Of the run that carries an operation which people approve. */
export const operationWorkflowId = (kind: ApprovedKind, organization: OrganizationName | string): string =>
  IDS[kind](organization);
const IDS = {
  activate: activationId,
  'change-connection': connectionChangeId,
  offboard: offboardingId,
} as const satisfies Record<ApprovedKind, (organization: string) => string>;
export const organizationWorkflowId = (organization: OrganizationName | string): string =>
  `organization/${organization}`;
/** Of the recovery of an organization's open incident. */
export const incidentWorkflowId = (organization: OrganizationName | string): string =>
  `incident/${organization}`;
export const rotationId = (organization: OrganizationName | string): string => `rotation/${organization}`;
/** Of the telling of one notice about an operation. */
export const noticeId = ({ kind, operation }: Pick<OperationNotice, 'kind' | 'operation'>): string =>
  `notice/${operation}/${kind}`;
/** Of the run whose history goes. */
export const historyRemovalId = (runId: string): string => `history-removal/${runId}`;

/** By hand. */
export const manualSweepId = (organization: OrganizationName | string): string =>
  `sweep/manual/${organization}`;
/** The schedule's own id; its runs' ids have the time after it, which Temporal puts there. */
export const SWEEP_SCHEDULE_ID = 'sweep';
export const isScheduledSweepId = (workflowId: string): boolean =>
  /^sweep-\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(workflowId);

/** As with sweeps: the schedule's own id, and its runs'. */
export const AUDIT_SCHEDULE_ID = 'audit';
export const isScheduledAuditId = (workflowId: string): boolean =>
  /^audit-\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(workflowId);

/** The organization that an id of ours names; `null` for any other id. */
export function organizationIn(workflowId: string): OrganizationName | null {
  const { data } = organizationName.safeParse(workflowId.split('/')[1]);
  const isOurs =
    data !== undefined &&
    [...Object.values(IDS), organizationWorkflowId, incidentWorkflowId, rotationId].some(
      (idOf) => idOf(data) === workflowId,
    );
  return isOurs ? data : null;
}

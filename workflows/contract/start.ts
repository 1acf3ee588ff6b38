import type { OperationKind } from '../../domain/custody';
import type { OperationId, OrganizationName } from '../../domain/ids';
import type { OperationNotice } from '../../domain/notice';
import {
  activationId,
  connectionChangeId,
  incidentWorkflowId,
  manualSweepId,
  noticeId,
  offboardingId,
  organizationWorkflowId,
  rotationId,
} from './ids';
import type { NoticeInput, OperationInput, OrganizationInput, RotationInput, SweepInput } from './inputs';
import { TASK_QUEUES, WORKFLOW_TYPES } from './queues';

/**
 * Start options for `client.workflow.start(WORKFLOW_TYPES.…, options)`. A running one is never joined or
 * replaced; a finished one may be followed by another, because the database judges what that one may do.
 */
const starting = <Input extends OperationInput | SweepInput>(
  workflowId: string,
  staticSummary: string,
  input: Input,
) =>
  ({
    workflowId,
    taskQueue: TASK_QUEUES.custody,
    workflowIdConflictPolicy: 'FAIL',
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    staticSummary,
    args: [input] as [Input],
  }) as const;

export const startActivation = (input: OperationInput) =>
  starting(
    activationId(input.organization),
    `Customer key activation for ${input.organization}: entitlement → setup → verification → dry-run → approval → live → handoff`,
    input,
  );

export const startConnectionChange = (input: OperationInput) =>
  starting(
    connectionChangeId(input.organization),
    `Change of connection for ${input.organization}: entitlement → setup → verification → dry-run → approval → live; reads and writes go on`,
    input,
  );

export const startOffboarding = (input: OperationInput) =>
  starting(
    offboardingId(input.organization),
    `Offboarding of ${input.organization}: verify → dry-run → approvals of customer and operator → back to a platform key → handoff`,
    input,
  );

/** Without a token it does what is due, and is refused where nothing is. */
export const startRotation = (input: RotationInput) =>
  starting(
    rotationId(input.organization),
    `Key rotation of ${input.organization}: verify → wrap anew → switch → erase; reads and writes go on`,
    input,
  );

/** What carries an operation of each kind, and under which id. */
const CARRIED_BY: Readonly<
  Record<OperationKind, { readonly type: string; readonly idOf: (organization: OrganizationName) => string }>
> = {
  create: { type: WORKFLOW_TYPES.createOrganization, idOf: organizationWorkflowId },
  activate: { type: WORKFLOW_TYPES.activateCustomerKey, idOf: activationId },
  rotate: { type: WORKFLOW_TYPES.rotateCustomerKey, idOf: rotationId },
  'change-connection': { type: WORKFLOW_TYPES.changeConnection, idOf: connectionChangeId },
  offboard: { type: WORKFLOW_TYPES.offboardCustomerKey, idOf: offboardingId },
};

/** Goes on with an open operation that lost its run: type and start options. It takes that one over, and opens none. */
export function resuming(kind: OperationKind, organization: OrganizationName, operationId: OperationId) {
  const { type, idOf } = CARRIED_BY[kind];
  const summary = `Goes on with the open operation of ${organization} (${kind}), which lost its run`;
  return { type, options: starting(idOf(organization), summary, { organization, operationId }) };
}

export const startOrganization = (input: OrganizationInput) =>
  starting(
    organizationWorkflowId(input.organization),
    `Create organization ${input.organization} with its first workspace key in platform custody`,
    input,
  );

/** One organization by hand, due or not. */
export const startSweep = (input: SweepInput & { readonly organization: string }) =>
  starting(manualSweepId(input.organization), `Drift check of ${input.organization}, by hand`, input);
/** For `signalWithStart`: one recovery at a time, which a new refusal wakes, or begins. */
export const startRecovery = (input: OrganizationInput) =>
  ({
    workflowId: incidentWorkflowId(input.organization),
    taskQueue: TASK_QUEUES.custody,
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    staticSummary: `Incident of ${input.organization}: probe until the key answers, prove, close with evidence`,
    args: [input] as [OrganizationInput],
  }) as const;

/** The telling of one notice about an operation: begun once, and again only where it was ended before its end. */
export const startTelling = (notice: OperationNotice) =>
  ({
    workflowId: noticeId(notice),
    taskQueue: TASK_QUEUES.custody,
    workflowIdConflictPolicy: 'FAIL',
    workflowIdReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY',
    staticSummary: `Tell the people of ${notice.organization}: ${notice.kind}`,
    args: [notice] as [NoticeInput],
  }) as const;

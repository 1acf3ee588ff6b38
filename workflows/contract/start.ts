import { activationId, incidentWorkflowId, manualSweepId, organizationWorkflowId, rotationId } from './ids';
import type { OrganizationInput, RotationInput, SweepInput } from './inputs';
import { TASK_QUEUES } from './queues';

/**
 * Start options for `client.workflow.start(WORKFLOW_TYPES.…, options)`. A running one is never joined or
 * replaced; a finished one may be followed by another, because the database judges what that one may do.
 */
const starting = <Input extends OrganizationInput | SweepInput>(
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

export const startActivation = (input: OrganizationInput) =>
  starting(
    activationId(input.organization),
    `Customer key activation for ${input.organization}: entitlement → setup → verification → dry-run → approval → live → handoff`,
    input,
  );

/** Without a token it does what is due, and is refused where nothing is. */
export const startRotation = (input: RotationInput) =>
  starting(
    rotationId(input.organization),
    `Key rotation of ${input.organization}: verify → wrap anew → switch → erase; reads and writes go on`,
    input,
  );

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

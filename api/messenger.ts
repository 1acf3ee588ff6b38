import {
  type Client,
  isGrpcServiceError,
  ServiceError,
  WorkflowExecutionAlreadyStartedError,
  WorkflowFailedError,
  type WorkflowHandle,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import {
  ActivityFailure,
  ApplicationFailure,
  type SignalDefinition,
  type UpdateDefinition,
} from '@temporalio/common';
import { describeCode, isProviderCode, isRequestCode } from '../domain/codes';
import { ProviderFailure, Refusal } from '../domain/failure';
import { requestIdOf } from '../domain/intake/fields';
import {
  type Acknowledgement,
  actorPayloadDigest,
  type CreateOrganizationResult,
  type IncidentAcknowledgement,
  incidentWorkflowId,
  operationWorkflowId,
  organizationWorkflowId,
  recoveryUpdates,
  signals,
  startActivation,
  startConnectionChange,
  startOffboarding,
  startOrganization,
  startRotation,
  startSweep,
  updates,
  WORKFLOW_TYPES,
} from '../workflows/contract';
import type { Messenger, OperationAddress } from './deps';

type Sent = Readonly<Record<string, unknown>>;

/**
 * The API's way to the workflows.
 * @param deadlineMs of each call, from its beginning to its answer.
 */
export function createMessenger(client: Client, deadlineMs: number): Messenger {
  const within = <T>(call: () => Promise<T>): Promise<T> =>
    client.withDeadline(Date.now() + deadlineMs, call).catch((error: unknown) => {
      throw refusalFrom(error);
    });

  const handleOf = ({ kind, organization }: OperationAddress) =>
    client.workflow.getHandle(operationWorkflowId(kind, organization));

  return {
    startActivation: (input) =>
      within(async () => {
        await client.workflow.start(WORKFLOW_TYPES.activateCustomerKey, startActivation(input));
      }),

    startConnectionChange: (input) =>
      within(async () => {
        await client.workflow.start(WORKFLOW_TYPES.changeConnection, startConnectionChange(input));
      }),

    startOffboarding: (input) =>
      within(async () => {
        await client.workflow.start(WORKFLOW_TYPES.offboardCustomerKey, startOffboarding(input));
      }),

    startRotation: (input) =>
      within(async () => {
        await client.workflow.start(WORKFLOW_TYPES.rotateCustomerKey, startRotation(input));
      }),

    createOrganization: (input) =>
      within(async () => {
        try {
          await client.workflow.start(WORKFLOW_TYPES.createOrganization, startOrganization(input));
        } catch (error) {
          // Creating has no other parameter than the name: a second request waits for the same result.
          if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
        }
        const handle = client.workflow.getHandle(organizationWorkflowId(input.organization));
        return (await handle.result()) as CreateOrganizationResult;
      }),

    update: (to, action, message, updateId) =>
      within(() => {
        const update = updates[action] as unknown as UpdateDefinition<Acknowledgement, [Sent]>;
        return sent(handleOf(to), update, message, updateId);
      }),

    updateIncident: (organization, action, message, updateId) =>
      within(() => {
        const update = recoveryUpdates[action] as unknown as UpdateDefinition<
          IncidentAcknowledgement,
          [Sent]
        >;
        return sent(
          client.workflow.getHandle(incidentWorkflowId(organization)),
          update,
          message,
          updateId,
        ).catch((error: unknown) => {
          throw error instanceof WorkflowNotFoundError ? new Refusal('INCIDENT_UNKNOWN') : error;
        });
      }),

    signal: (to, decision, message) =>
      within(() => handleOf(to).signal(signals[decision] as unknown as SignalDefinition<[Sent]>, message)),

    checkDrift: (input) =>
      within(async () => {
        try {
          await client.workflow.start(WORKFLOW_TYPES.sweepForDrift, startSweep(input));
        } catch (error) {
          if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
        }
      }),

    ping: () =>
      within(async () => {
        await client.connection.workflowService.getSystemInfo({});
      }),
  };
}

/** An update whose repeated id is the same message. */
async function sent<Answer extends { readonly payloadDigest: string }>(
  handle: WorkflowHandle,
  update: UpdateDefinition<Answer, [Sent]>,
  message: Sent,
  updateId: string,
): Promise<Answer> {
  const digest = actorPayloadDigest(message);
  const answer = await handle.executeUpdate(update, { args: [message], updateId }).catch((error: unknown) => {
    // The first one's failure too is what a repeated update id is answered with.
    const answered = answeredDigest(error);
    if (answered !== null && answered !== digest) throw new Refusal('IDEMPOTENCY_KEY_REUSED');
    throw error;
  });
  return answer;
}

/** Nothing of Temporal's own words is kept: a workflow's refusal by its code, all else by what it means to us. */
export function refusalFrom(error: unknown): Refusal | ProviderFailure {
  if (error instanceof Refusal || error instanceof ProviderFailure) return error;
  if (error instanceof WorkflowUpdateFailedError || error instanceof WorkflowFailedError)
    return fromWorkflow(error.cause);
  if (error instanceof WorkflowExecutionAlreadyStartedError) return new Refusal('OPERATION_OPEN');
  if (error instanceof WorkflowNotFoundError)
    return new Refusal('OPERATION_UNKNOWN', 'none is running; start one');
  if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) return new Refusal('NO_WORKER');
  if (error instanceof ServiceError || isGrpcServiceError(error)) return new Refusal('NO_WORKER');
  return new Refusal('INTERNAL');
}

/** Of the message that a failed update answered; `null` where it says none. */
function answeredDigest(error: unknown): string | null {
  if (!(error instanceof WorkflowUpdateFailedError) || !(error.cause instanceof ApplicationFailure))
    return null;
  const [detail] = (error.cause.details ?? []) as [{ payloadDigest?: unknown }?];
  return typeof detail?.payloadDigest === 'string' ? detail.payloadDigest : null;
}

/** A failed activity's failure is the cause of what the workflow failed with. */
function fromWorkflow(failure: unknown): Refusal | ProviderFailure {
  const inner = failure instanceof ActivityFailure ? failure.cause : failure;
  if (!(inner instanceof ApplicationFailure)) return new Refusal('INTERNAL');
  const code = inner.type ?? '';
  if (isRequestCode(code)) return new Refusal(code, detailIn(inner.message, code));
  if (isProviderCode(code)) {
    const [detail] = (inner.details ?? []) as [{ requestId?: unknown }?];
    return new ProviderFailure(code, requestIdOf(detail?.requestId));
  }
  return new Refusal('INTERNAL');
}

/** What `Refusal` put behind the code's text. */
function detailIn(message: string, code: Refusal['code']): string | null {
  const before = `${code}: ${describeCode(code).text} (`;
  return message.startsWith(before) && message.endsWith(')') ? message.slice(before.length, -1) : null;
}

import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { OperationId, Sha256Hex } from '../../domain/ids';
import type { Message } from '../../domain/message';
import type { Action, OperationStage } from '../../domain/stages';
import type { OperationStatus, RotationStatus } from './status';

export { type Message, messageSchemas, type ParsedMessage } from '../../domain/message';

/** A message longer than this, as JSON, is refused unread (characters). */
export const MESSAGE_LIMIT = 65_536;

/** What an update answers with. A refused one fails with an `ApplicationFailure` whose `type` is the code. */
export interface Acknowledgement {
  readonly operationId: OperationId;
  readonly action: Action;
  readonly stage: OperationStage;
  /** `false`: noted behind work that is still running; read the status for what came of it. */
  readonly judged: boolean;
  /** Of the message that was answered: a repeated id with another message gets the first one's answer. */
  readonly payloadDigest: Sha256Hex;
}

/** `updateId` is the request's idempotency key, minted per user action. */
export const updates = {
  submitConnection: defineUpdate<Acknowledgement, [Message<'submitConnection'>]>('submitConnection'),
  runVerification: defineUpdate<Acknowledgement, [Message<'runVerification'>]>('runVerification'),
  launchDryRun: defineUpdate<Acknowledgement, [Message<'launchDryRun'>]>('launchDryRun'),
  reviewDryRun: defineUpdate<Acknowledgement, [Message<'reviewDryRun'>]>('reviewDryRun'),
  approve: defineUpdate<Acknowledgement, [Message<'approve'>]>('approve'),
  reject: defineUpdate<Acknowledgement, [Message<'reject'>]>('reject'),
  approveOffboarding: defineUpdate<Acknowledgement, [Message<'approveOffboarding'>]>('approveOffboarding'),
  launchLive: defineUpdate<Acknowledgement, [Message<'launchLive'>]>('launchLive'),
  recordHandoff: defineUpdate<Acknowledgement, [Message<'recordHandoff'>]>('recordHandoff'),
  cancel: defineUpdate<Acknowledgement, [Message<'cancel'>]>('cancel'),
} as const;

/** The same decisions as signals: stored by the server even while no worker is up. */
export const signals = {
  approve: defineSignal<[Message<'approve'>]>('approve'),
  reject: defineSignal<[Message<'reject'>]>('reject'),
} as const;

export const statusQuery = defineQuery<OperationStatus>('status');
export const rotationStatusQuery = defineQuery<RotationStatus>('status');

import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import { z } from 'zod';
import { approvalEvidence } from '../../domain/approval';
import { connectionInput } from '../../domain/connection';
import type { OperationId } from '../../domain/ids';
import { emailAddress, freeText, httpsLink, operationId, sha256Hex } from '../../domain/intake/fields';
import type { Action, OperationStage } from '../../domain/stages';
import { actorToken } from './inputs';
import type { ActivationStatus } from './status';

/** A message longer than this, as JSON, is refused unread (characters). */
export const MESSAGE_LIMIT = 65_536;

const addressed = { operationId, actor: actorToken };
const decision = z.strictObject({ ...addressed, planDigest: sha256Hex, evidence: approvalEvidence });

/** The payload of each action: one object. */
export const messageSchemas = {
  submitConnection: z.strictObject({ ...addressed, connection: connectionInput }),
  /** Changes nothing, so a person in the Temporal UI may leave the operation id out. */
  runVerification: z.strictObject({ operationId: operationId.optional(), actor: actorToken }),
  /** There is no default: anything but `true` is DRY_RUN_NOT_EXPLICIT. */
  launchDryRun: z.strictObject({ ...addressed, dryRun: z.literal(true) }),
  reviewDryRun: z.strictObject({ ...addressed, planDigest: sha256Hex, note: freeText(500).optional() }),
  approve: decision,
  reject: decision,
  launchLive: z.strictObject({ ...addressed, planDigest: sha256Hex }),
  recordHandoff: z.strictObject({
    ...addressed,
    contacts: z
      .array(
        z.strictObject({
          name: freeText(100),
          email: emailAddress,
          duty: z.enum(['escalation', 'security', 'key-owner']),
        }),
      )
      .min(1)
      .max(10),
    runbook: z.array(httpsLink).max(20),
  }),
  cancel: z.strictObject(addressed),
} as const satisfies Record<Action, z.ZodType>;

/** A message as it travels, before its fields are parsed. */
export type Message<A extends Action> = z.input<(typeof messageSchemas)[A]>;
/** A message whose fields are known to be of their form. */
export type ParsedMessage<A extends Action> = z.output<(typeof messageSchemas)[A]>;

/** What an update answers with. A refused one fails with an `ApplicationFailure` whose `type` is the code. */
export interface Acknowledgement {
  readonly operationId: OperationId;
  readonly action: Action;
  readonly stage: OperationStage;
  /** `false`: noted behind work that is still running; read the status for what came of it. */
  readonly judged: boolean;
}

/** `updateId` is the request's idempotency key, minted per user action. */
export const updates = {
  submitConnection: defineUpdate<Acknowledgement, [Message<'submitConnection'>]>('submitConnection'),
  runVerification: defineUpdate<Acknowledgement, [Message<'runVerification'>]>('runVerification'),
  launchDryRun: defineUpdate<Acknowledgement, [Message<'launchDryRun'>]>('launchDryRun'),
  reviewDryRun: defineUpdate<Acknowledgement, [Message<'reviewDryRun'>]>('reviewDryRun'),
  approve: defineUpdate<Acknowledgement, [Message<'approve'>]>('approve'),
  reject: defineUpdate<Acknowledgement, [Message<'reject'>]>('reject'),
  launchLive: defineUpdate<Acknowledgement, [Message<'launchLive'>]>('launchLive'),
  recordHandoff: defineUpdate<Acknowledgement, [Message<'recordHandoff'>]>('recordHandoff'),
  cancel: defineUpdate<Acknowledgement, [Message<'cancel'>]>('cancel'),
} as const;

/** The same decisions as signals: stored by the server even while no worker is up. */
export const signals = {
  approve: defineSignal<[Message<'approve'>]>('approve'),
  reject: defineSignal<[Message<'reject'>]>('reject'),
} as const;

export const statusQuery = defineQuery<ActivationStatus>('status');

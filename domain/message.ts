import { z } from 'zod';
import { approvalEvidence } from './approval';
import type { JsonObject } from './canonical';
import { connectionInput } from './connection';
import { digestOf } from './digest';
import type { Sha256Hex } from './ids';
import { emailAddress, freeText, httpsLink, jws, operationId, sha256Hex } from './intake/fields';
import type { Action } from './stages';

/** Signed by our API for one message (`domain/actor.ts`); without one the sender is `temporal:unverified`. */
export const actorToken = jws.optional();

const addressed = { operationId, actor: actorToken };
const decision = z.strictObject({ ...addressed, planDigest: sha256Hex, evidence: approvalEvidence });

/** The payload of each action: one object. The workflow judges its form, and what carries it out reads it again. */
export const messageSchemas = {
  submitConnection: z.strictObject({ ...addressed, connection: connectionInput }),
  /** Changes nothing, so a person in the Temporal UI may leave the operation id out. */
  runVerification: z.strictObject({ operationId: operationId.optional(), actor: actorToken }),
  /** There is no default: anything but `true` is DRY_RUN_NOT_EXPLICIT. */
  launchDryRun: z.strictObject({ ...addressed, dryRun: z.literal(true) }),
  reviewDryRun: z.strictObject({ ...addressed, planDigest: sha256Hex, note: freeText(500).optional() }),
  approve: decision,
  reject: decision,
  approveOffboarding: z.strictObject({ ...addressed, planDigest: sha256Hex }),
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

/**
 * What an actor token's `payloadDigest` is over: the message, or start input, exactly as sent, without its
 * `actor` member.
 */
export function actorPayloadDigest(message: Readonly<Record<string, unknown>>): Sha256Hex {
  const { actor: _token, ...payload } = message;
  return digestOf(payload as JsonObject);
}

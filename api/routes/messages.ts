import { z } from 'zod';
import { operationId } from '../../domain/intake/fields';
import type { Action } from '../../domain/stages';
import { messageSchemas } from '../../workflows/contract';

/** A message for the open operation, unless it names one. */
const addressed = { operationId: operationId.optional() };

/**
 * The body of each message: the workflow's own form of it, without the word who sent it, which is ours to say.
 * One table drives the routes; approval stands for two messages.
 */
export const messageBodies = {
  submitConnection: messageSchemas.submitConnection.omit({ actor: true }).extend(addressed),
  runVerification: messageSchemas.runVerification.omit({ actor: true }).extend(addressed),
  launchDryRun: messageSchemas.launchDryRun.omit({ actor: true }).extend(addressed),
  reviewDryRun: messageSchemas.reviewDryRun.omit({ actor: true }).extend(addressed),
  approval: messageSchemas.approve.omit({ actor: true }).extend({
    ...addressed,
    decision: z.enum(['approve', 'reject']),
  }),
  approveOffboarding: messageSchemas.approveOffboarding.omit({ actor: true }).extend(addressed),
  launchLive: messageSchemas.launchLive.omit({ actor: true }).extend(addressed),
  recordHandoff: messageSchemas.recordHandoff.omit({ actor: true }).extend(addressed),
  cancel: messageSchemas.cancel.omit({ actor: true }).extend(addressed),
} as const;
export type MessageBody<K extends keyof typeof messageBodies> = z.input<(typeof messageBodies)[K]>;

type Single = Exclude<Action, 'approve' | 'reject'>;
/** Route under `/operation/`, what it does, and what a refusal of it is about. */
export const messageRoutes = [
  [
    'submitConnection',
    'connection',
    'Enter the provider, key identifier, credential reference, and the key’s region or tenant',
    'connection',
  ],
  [
    'runVerification',
    'verification',
    'Probe the connection: wrap, unwrap and the checks around them',
    'verification',
  ],
  ['launchDryRun', 'dry-run', 'Compute the plan; changes nothing. {"dryRun": true} must be given', 'dry-run'],
  ['reviewDryRun', 'review', 'Record that the plan was reviewed with the customer', 'dry-run'],
  [
    'approveOffboarding',
    'operator-approval',
    'The operator’s approval of an offboarding’s plan, by another person than the one that started it',
    'approval',
  ],
  ['launchLive', 'live', 'Carry out the approved plan', 'live'],
  ['recordHandoff', 'handoff', 'Record escalation contacts and runbook links', 'live'],
  ['cancel', 'cancel', 'End the operation before its switch', 'live'],
] as const satisfies readonly (readonly [Single, string, string, string])[];

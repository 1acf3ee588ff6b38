import { z } from 'zod';
import type { Action } from '../../domain/stages';
import { messageSchemas } from '../../workflows/contract';

/**
 * The body of each message: the workflow's own form of it, without the word who sent it, which is ours to say.
 * One table drives the routes; approval stands for two messages.
 */
export const messageBodies = {
  submitConnection: messageSchemas.submitConnection.omit({ actor: true }),
  runVerification: messageSchemas.runVerification.omit({ actor: true }),
  launchDryRun: messageSchemas.launchDryRun.omit({ actor: true }),
  reviewDryRun: messageSchemas.reviewDryRun.omit({ actor: true }),
  approval: messageSchemas.approve.omit({ actor: true }).extend({ decision: z.enum(['approve', 'reject']) }),
  launchLive: messageSchemas.launchLive.omit({ actor: true }),
  recordHandoff: messageSchemas.recordHandoff.omit({ actor: true }),
  cancel: messageSchemas.cancel.omit({ actor: true }),
} as const;
export type MessageBody<K extends keyof typeof messageBodies> = z.input<(typeof messageBodies)[K]>;

type Single = Exclude<Action, 'approve' | 'reject'>;
/** Route under `/activation/`, what it does, and what a refusal of it is about. */
export const messageRoutes = [
  [
    'submitConnection',
    'connection',
    'Enter the provider, region, key identifier and credential reference',
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
  ['launchLive', 'live', 'Carry out the approved plan', 'live'],
  ['recordHandoff', 'handoff', 'Record escalation contacts and runbook links', 'live'],
  ['cancel', 'cancel', 'End the activation before it goes live', 'live'],
] as const satisfies readonly (readonly [Single, string, string, string])[];

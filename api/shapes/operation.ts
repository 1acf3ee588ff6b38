import { z } from 'zod';
import { ACTIONS, OPERATION_STAGES } from '../../domain/stages';
import { findingShape } from './finding';

export const operationShape = z
  .object({
    id: z.uuid(),
    kind: z.enum(['create', 'activate', 'rotate', 'change-connection', 'offboard']),
    stage: z.enum(OPERATION_STAGES),
    epoch: z.int(),
    outcome: z.string().nullable(),
    reason: z.string().nullable().describe('Code of why it ended'),
    stageSince: z.string(),
    openedAt: z.string(),
  })
  .meta({ id: 'Operation' });
export type OperationView = z.infer<typeof operationShape>;

/** A plan's approval by a member of staff. */
export const operatorApprovedShape = z
  .object({ by: z.string(), at: z.string() })
  .nullable()
  .describe('Of an offboarding, by a member of staff who didn’t start it; `null`: none, or it needs none');

export const startedShape = z.object({
  organization: z.string(),
  status: z.string().describe('URL where it can be followed'),
});
export type Started = z.infer<typeof startedShape>;

/** What was sent, and what the workflow said to it at once; what comes of it is in the operation. */
export const acceptedShape = z
  .object({
    operationId: z.uuid(),
    action: z.enum(ACTIONS),
    stage: z.enum(OPERATION_STAGES).nullable().describe('null: stored, not yet read by a worker'),
    judged: z.boolean().describe('false: noted behind work that is still running'),
    operation: z.string().describe('URL of the operation'),
  })
  .meta({ id: 'Accepted' });
export type Accepted = z.infer<typeof acceptedShape>;

export const planAnswerShape = z
  .object({
    operationId: z.uuid(),
    dryRunId: z.uuid(),
    computedAt: z.string(),
    plan: z.record(z.string(), z.unknown()).nullable().describe('null: the dry-run found what blocks'),
    digest: z.string().nullable().describe('SHA-256 over the plan’s canonical form (RFC 8785)'),
    findings: z.array(findingShape),
    blockers: z.array(z.object({ code: z.string(), text: z.string(), remedy: z.string() })),
    reviewed: z.boolean(),
    approved: z.boolean().describe('By the customer’s signature'),
    operatorApproved: operatorApprovedShape,
    /** What an approval of this plan must name beside the digest. */
    deployment: z.string(),
    organizationId: z.uuid(),
  })
  .meta({ id: 'PlanAnswer' });
export type PlanAnswer = z.infer<typeof planAnswerShape>;

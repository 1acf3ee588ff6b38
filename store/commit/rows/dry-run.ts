import { canonicalJson, type JsonObject } from '../../../domain/canonical';
import { Refusal } from '../../../domain/failure';
import type { DryRunId, Sha256Hex } from '../../../domain/ids';
import { planDigest } from '../../../domain/plan';
import { type Apply, json, type OperationStep } from '../step';
import { unstage } from './unstage';

/** The newest dry-run is the one that counts; with the former go its review and its approval. */
export const dryRunRecorded: Apply<'dry-run-recorded'> = async (step, change) => {
  const { dryRunId, plan } = change;
  if ((plan === null ? null : planDigest(plan)) !== change.planDigest) {
    throw new Refusal('INPUT_INVALID', 'planDigest: is not of this plan');
  }
  await step.tx.dryRun.create({
    data: {
      id: dryRunId,
      organizationId: step.organization,
      operationId: step.fence.operationId,
      plan: plan === null ? null : canonicalJson(plan as unknown as JsonObject),
      planDigest: change.planDigest,
      findings: json(change.findings),
      blockers: json(change.blockers),
      computedAt: plan?.computedAt ?? step.at,
      ledgerIndex: step.index,
    },
  });
  return { ...(await unstage(step)), dryRunId };
};

/** Whether this is the plan that counts. */
async function isCurrent(
  step: OperationStep,
  dryRunId: DryRunId | null,
  digest: Sha256Hex,
): Promise<boolean> {
  if (dryRunId === null || dryRunId !== step.operation.dryRunId) return false;
  const dryRun = await step.tx.dryRun.findUnique({ where: { id: dryRunId }, select: { planDigest: true } });
  return dryRun?.planDigest === digest;
}

export const dryRunReviewed: Apply<'dry-run-reviewed'> = async (step, change) => {
  const { dryRunId, planDigest: digest, note } = change;
  if (!(await isCurrent(step, dryRunId, digest))) throw new Refusal('PLAN_UNKNOWN');
  await step.tx.dryRunReview.create({
    data: { dryRunId, organizationId: step.organization, note, ledgerIndex: step.index },
  });
  return {};
};

/** The plan no longer counts, nor does what was decided about it. */
export const planInvalidated: Apply<'plan-invalidated'> = async (step, change) => {
  if (!(await isCurrent(step, step.operation.dryRunId, change.planDigest))) throw new Refusal('PLAN_UNKNOWN');
  const setBack = step.to === 'verification' ? { verificationIndex: null } : {};
  return { ...(await unstage(step)), ...setBack, dryRunId: null };
};

/** A nonce counts once, whatever it was spent on. */
export const approvalAccepted: Apply<'approval-accepted'> = async (step, change) => {
  const { tx, organization: organizationId, to } = step;
  const { nonce, dryRunId, decision } = change;
  const spent = await tx.approval.findUnique({
    where: { organizationId_nonce: { organizationId, nonce } },
    select: { nonce: true },
  });
  if (spent !== null) throw new Refusal('APPROVAL_REPLAYED');
  if (!(await isCurrent(step, dryRunId, change.planDigest))) throw new Refusal('APPROVAL_OTHER_PLAN');
  if (to === 'live' && decision !== 'approve')
    throw new Refusal('STAGE_MISMATCH', 'a rejection leads nowhere');
  if (step.operation.kind === 'offboard' && to === 'live')
    throw new Refusal('STAGE_MISMATCH', 'the operator’s approval comes last');
  await tx.approval.create({
    data: {
      organizationId,
      nonce,
      operationId: step.fence.operationId,
      dryRunId,
      planDigest: change.planDigest,
      decision,
      credentialId: change.credentialId,
      expiresAt: change.exp,
      evidence: change.evidence,
      ledgerIndex: step.index,
    },
  });
  return {};
};

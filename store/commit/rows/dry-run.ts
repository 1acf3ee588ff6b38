import { canonicalJson, type JsonObject } from '../../../domain/canonical';
import { Refusal } from '../../../domain/failure';
import { planDigest } from '../../../domain/plan';
import { type Apply, json } from '../step';
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

export const dryRunReviewed: Apply<'dry-run-reviewed'> = async (step, change) => {
  const { dryRunId, note } = change;
  const current = await step.tx.dryRun.findUnique({ where: { id: dryRunId } });
  if (current === null || dryRunId !== step.operation.dryRunId || current.planDigest !== change.planDigest) {
    throw new Refusal('PLAN_UNKNOWN');
  }
  await step.tx.dryRunReview.create({
    data: { dryRunId, organizationId: step.organization, note, ledgerIndex: step.index },
  });
  return {};
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
  const current = await tx.dryRun.findUnique({ where: { id: dryRunId } });
  if (current === null || dryRunId !== step.operation.dryRunId || current.planDigest !== change.planDigest) {
    throw new Refusal('APPROVAL_OTHER_PLAN');
  }
  if (to === 'live' && decision !== 'approve') throw new Refusal('STAGE_MISMATCH', 'a rejection leads nowhere');
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

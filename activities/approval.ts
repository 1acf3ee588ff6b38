import type { ApprovalEvidence } from '../domain/approval';
import { canonicalJson } from '../domain/canonical';
import { sha256Hex } from '../domain/digest';
import { Refusal } from '../domain/failure';
import type { DryRunId, Instant, Sha256Hex } from '../domain/ids';
import { instantOf } from '../domain/ids';
import type { CustodyDeps } from './deps';
import { recordingRefusals } from './refusals';
import { commitStep, type Standing, type Step, standingNow } from './step';

/**
 * The customer's decision: its signature over exactly this plan is checked, recorded with its evidence, and the
 * operation moves on (approve) or is ready to be closed (reject). The evidence is kept as canonical JSON, and its
 * digest names the step: the same evidence sent twice is one decision.
 * @throws Refusal APPROVAL_*, PLAN_UNKNOWN, PLAN_EXPIRED; each is in the ledger
 */
export async function judgeApproval(
  { store, authority }: Pick<CustodyDeps, 'store' | 'authority'>,
  step: Omit<Step, 'key'> & {
    readonly dryRunId: DryRunId;
    readonly planDigest: Sha256Hex;
    readonly decision: 'approve' | 'reject';
    readonly evidence: ApprovalEvidence;
  },
): Promise<Standing> {
  const { organization, operationId, actor, dryRunId, planDigest, decision } = step;
  await recordingRefusals(store, { organization: organization.id, subject: 'approval', actor }, async () => {
    const record = await store.dryRun(operationId, dryRunId);
    if (record?.plan == null || record.planDigest !== planDigest) throw new Refusal('PLAN_UNKNOWN');
    const now: Instant = await store.now();
    if (record.plan.expiresAt <= now) throw new Refusal('PLAN_EXPIRED');
    const orders = await store.orders(organization.id);
    const keys = await authority.rooted(await store.approverKeys(organization.id), orders, organization.id);
    const expected = { organization: organization.id, operationId, planDigest, decision };
    const signed = await authority.approval(step.evidence, keys, expected, now);
    if (signed.dryRunId !== dryRunId) throw new Refusal('APPROVAL_OTHER_PLAN');
    const evidence = canonicalJson(step.evidence);
    const evidenceSha256 = sha256Hex(new TextEncoder().encode(evidence));
    await commitStep(
      store,
      { ...step, key: `approval/${evidenceSha256}` },
      {
        type: 'approval-accepted',
        planDigest,
        dryRunId,
        decision,
        credentialId: signed.credentialId,
        nonce: signed.nonce,
        exp: instantOf(signed.exp * 1000),
        evidence,
        evidenceSha256,
      },
      decision === 'approve' ? 'live' : 'approval',
    );
  });
  return standingNow(store, step);
}

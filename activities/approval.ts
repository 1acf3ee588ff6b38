import { canonicalJson } from '../domain/canonical';
import { sha256OfText } from '../domain/digest';
import { Refusal } from '../domain/failure';
import { type Instant, instantOf } from '../domain/ids';
import { stageAfter } from '../domain/stage-after';
import type { CustodyDeps } from './deps';
import { type Asked, carryOut } from './sender';
import { commitAs, type Standing, standingNow } from './step';

/**
 * The customer's decision: its signature over exactly this plan is checked, recorded with its evidence, and the
 * operation moves on (approve) or is ready to be closed (reject). The evidence is kept as canonical JSON, and its
 * digest names the step: the same evidence sent twice is one decision.
 * @throws Refusal APPROVAL_*, PLAN_UNKNOWN, PLAN_EXPIRED; each is in the ledger
 */
export async function judgeApproval(
  deps: Pick<CustodyDeps, 'store' | 'authority'>,
  step: Asked & { readonly decision: 'approve' | 'reject' },
): Promise<Standing> {
  const { store, authority } = deps;
  const { organization, operationId, decision } = step;
  await carryOut(deps, step, decision, 'approval', async ({ planDigest, evidence: given }, { actor }) => {
    const record = await store.dryRun(operationId, 'current');
    if (record?.plan == null || record.planDigest !== planDigest) throw new Refusal('PLAN_UNKNOWN');
    const { dryRunId, plan } = record;
    const now: Instant = await store.now();
    if (plan.expiresAt <= now) throw new Refusal('PLAN_EXPIRED');
    const orders = await store.orders(organization.id);
    const keys = await authority.rooted(await store.approverKeys(organization.id), orders, organization.id);
    const expected = { organization: organization.id, operationId, planDigest, decision };
    const signed = await authority.approval(given, keys, expected, now);
    if (signed.dryRunId !== dryRunId) throw new Refusal('APPROVAL_OTHER_PLAN');
    const evidence = canonicalJson(given);
    const evidenceSha256 = sha256OfText(evidence);
    const change = {
      type: 'approval-accepted',
      planDigest,
      dryRunId,
      decision,
      credentialId: signed.credentialId,
      nonce: signed.nonce,
      exp: instantOf(signed.exp * 1000),
      evidence,
      evidenceSha256,
    } as const;
    const by = { actor, name: `approval/${evidenceSha256}` };
    await commitAs(store, step, by, change, stageAfter(change, { kind: plan.kind, stage: step.stage }));
  });
  return standingNow(store, step);
}

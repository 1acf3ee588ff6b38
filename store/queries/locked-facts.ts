import { Refusal } from '../../domain/failure';
import type { DeploymentId, Instant, OperationId, OrganizationId } from '../../domain/ids';
import { isToCustomer, planDigest, planOf } from '../../domain/plan';
import type { LockedFacts } from '../contract';
import type { Queries } from '../database';
import type { Said } from '../ledger/said';
import { findApproval, findApproverKeys } from './approvals';
import { findCustody } from './custody';
import { findDryRun } from './dry-run';
import { findLiveEnvelopes, findStagedEnvelopes } from './envelopes';
import { findOffboarding, findOperatorApproval } from './offboarding';
import { findLatestOrder } from './orders';
import { readPlanFacts } from './plan-facts';

/**
 * What a switch is judged by. The caller holds the organization's ledger head, without which none of these rows
 * is written: that is their `FOR UPDATE`. (PostgreSQL would demand the right to change them for it, which the
 * application must not have.)
 * @throws Refusal as {@link readPlanFacts}; PLAN_UNKNOWN; PLAN_CHANGED; PLAN_EXPIRED
 */
export async function readLockedFacts(
  tx: Queries,
  context: {
    organization: OrganizationId;
    operationId: OperationId;
    deployment: DeploymentId;
    now: Instant;
    said: Said;
  },
): Promise<LockedFacts> {
  const { organization, operationId, deployment, now, said } = context;
  const dryRun = await findDryRun(tx, operationId, 'current');
  if (dryRun === null || dryRun.plan === null || dryRun.planDigest === null)
    throw new Refusal('PLAN_UNKNOWN');
  const planFacts = await readPlanFacts(tx, operationId, deployment, async () => said);
  const { plan } = dryRun;
  if (planDigest(planOf(planFacts, plan.dryRunId, plan.computedAt)) !== dryRun.planDigest) {
    throw new Refusal('PLAN_CHANGED');
  }
  if (now >= plan.expiresAt) throw new Refusal('PLAN_EXPIRED', plan.expiresAt);
  const order = isToCustomer(plan) ? await findLatestOrder(tx, organization, said) : null;
  const offboarding = plan.kind === 'offboard' ? await findOffboarding(tx, organization, operationId) : null;
  return {
    planFacts,
    plan,
    planDigest: dryRun.planDigest,
    orderJws: order?.jws ?? null,
    approval: await findApproval(tx, dryRun.dryRunId),
    approverKeys: await findApproverKeys(tx, organization, said),
    operatorApproval: offboarding === null ? null : await findOperatorApproval(tx, dryRun.dryRunId),
    newPlatformKey: offboarding?.newPlatformKey ?? null,
    staged: await findStagedEnvelopes(tx, operationId),
    inUse: {
      custodyStatement: (await findCustody(tx, organization))?.statement ?? '',
      live: await findLiveEnvelopes(tx, organization),
    },
    now,
  };
}

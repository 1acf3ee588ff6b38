import { Refusal } from '../domain/failure';
import type { Sha256Hex } from '../domain/ids';
import { planDigest as digestOfPlan, isToCustomer, mintOf, planOf } from '../domain/plan';
import type { CustodyDeps } from './deps';
import { verifiedOrder } from './entitlement';
import { demandKeyInUse } from './key-in-use';
import { demandReady } from './offboarding/approved';
import { type Asked, carryOut } from './sender';
import { commitAs, type Standing, type Step, standingNow } from './step';

/**
 * Stage `live`, first step: everything the plan was computed from is read again, then the organization's lock is
 * taken. The switch judges all of it once more, under row locks.
 * @throws Refusal PLAN_UNKNOWN, PLAN_EXPIRED, PLAN_CHANGED, APPROVAL_MISSING, ORDER_*, KEY_IN_USE_REFUSES, OPERATION_LOCKED; each is
 *   in the ledger
 */
export async function launchLive(
  deps: Pick<CustodyDeps, 'store' | 'authority' | 'statements' | 'provider' | 'settings'>,
  step: Asked,
): Promise<Standing> {
  const { store } = deps;
  const { organization, operationId } = step;
  await carryOut(deps, step, 'launchLive', 'live', async ({ planDigest }, by) => {
    const record = await store.dryRun(operationId, 'current');
    if (record?.plan == null || record.planDigest !== planDigest) throw new Refusal('PLAN_UNKNOWN');
    if (record.plan.expiresAt <= (await store.now())) throw new Refusal('PLAN_EXPIRED');
    const standing = await standingNow(store, step);
    if (!standing.approved) throw new Refusal('APPROVAL_MISSING');
    if (record.plan.kind === 'offboard') await demandReady(deps, organization, record.plan);
    if (isToCustomer(record.plan)) await verifiedOrder(deps, organization.id);
    const { dryRunId, computedAt } = record.plan;
    const recomputed = planOf(await store.planFacts(operationId), dryRunId, computedAt);
    if (digestOfPlan(recomputed) !== planDigest) throw new Refusal('PLAN_CHANGED');
    if (record.plan.custody.from === 'customer') await demandKeyInUse(deps, step);
    const change = { type: 'live-launched', planDigest } as const;
    await commitAs(store, step, { ...by, name: `launch/${by.name}` }, change, 'live');
  });
  return standingNow(store, step);
}

/** The key versions of the current plan: those to re-wrap, and the fresh one, if it has one. */
export async function planVersions(
  { store }: Pick<CustodyDeps, 'store'>,
  step: Step & { readonly planDigest: Sha256Hex },
): Promise<{ rewrap: number[]; mint: number | null }> {
  const record = await store.dryRun(step.operationId, 'current');
  if (record?.plan == null || record.planDigest !== step.planDigest) throw new Refusal('PLAN_UNKNOWN');
  return { rewrap: record.plan.rewrap.map(({ version }) => version), mint: mintOf(record.plan) };
}

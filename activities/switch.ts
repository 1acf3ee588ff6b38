import { Refusal } from '../domain/failure';
import type { OrganizationId, Sha256Hex } from '../domain/ids';
import { demandEntitling } from '../domain/order';
import { planDigest as digestOfPlan, isToCustomer, type PlanToCustomer, planOf } from '../domain/plan';
import type { LockedFacts } from '../store/contract';
import { evidenceOf } from './approved';
import { demandInUse, demandSigned } from './custody-in-use';
import type { CustodyDeps } from './deps';
import { orderDigest } from './entitlement';
import { bySystem, recordingRefusals } from './refusals';
import { commitStep, type Standing, type Step, standingNow } from './step';

type Deps = Pick<CustodyDeps, 'store' | 'authority' | 'statements'>;

/**
 * Live order (b), the point of no return: one transaction that moves custody, current version and ledger, after
 * {@link judgeSwitch} has judged what it locked.
 * @throws Refusal PLAN_*, ORDER_*, APPROVAL_*; then nothing has changed
 */
export async function switchCustody(
  deps: Deps,
  step: Step & { readonly planDigest: Sha256Hex },
): Promise<Standing> {
  const { store } = deps;
  const { organization, planDigest } = step;
  await recordingRefusals(store, { organization: organization.id, subject: 'live' }, bySystem, async () => {
    const record = await store.dryRun(step.operationId, 'current');
    const plan = record?.plan ?? null;
    if (plan === null || record?.planDigest !== planDigest) throw new Refusal('PLAN_UNKNOWN');
    if (!isToCustomer(plan)) throw new Refusal('STAGE_MISMATCH', `no switch carries out ${plan.kind}`);
    // Append-only, so what is read here is what the transaction would read, or less.
    const orders = await store.orders(organization.id);
    await commitStep(
      store,
      step,
      { type: 'custody-switched', custody: 'customer', planDigest, currentVersion: plan.mint },
      'sealing',
      { guard: (facts) => judgeSwitch(deps, organization.id, planDigest, orders, facts) },
    );
  });
  return standingNow(store, step);
}

/** The list of what must be true at the instant of the switch. */
async function judgeSwitch(
  { authority, statements }: Deps,
  organization: OrganizationId,
  planDigest: Sha256Hex,
  orders: readonly string[],
  facts: LockedFacts,
): Promise<void> {
  const { plan, now } = facts;
  if (facts.planDigest !== planDigest || digestOfPlan(plan) !== planDigest) throw new Refusal('PLAN_UNKNOWN');
  if (plan.expiresAt <= now) throw new Refusal('PLAN_EXPIRED');
  const recomputed = planOf(facts.planFacts, plan.dryRunId, plan.computedAt);
  if (digestOfPlan(recomputed) !== planDigest) throw new Refusal('PLAN_CHANGED');

  if (!isToCustomer(plan)) throw new Refusal('STAGE_MISMATCH', `no switch carries out ${plan.kind}`);
  await judgeOrder(authority, organization, plan, facts);

  if (facts.approval === null) throw new Refusal('APPROVAL_MISSING');
  const signed = await authority.approval(
    evidenceOf(facts.approval.evidence),
    await authority.rooted(facts.approverKeys, orders, organization),
    { organization, operationId: plan.operationId, planDigest, decision: 'approve' },
    now,
  );
  if (signed.dryRunId !== plan.dryRunId) throw new Refusal('APPROVAL_OTHER_PLAN');

  if (plan.kind === 'change-connection')
    await demandInUse(statements, organization, plan.from.keyRef, facts.inUse);
  await judgeStaged(statements, organization, plan, facts.staged);
}

/** The order of the plan is the newest one, and still entitles. */
async function judgeOrder(
  authority: Deps['authority'],
  organization: OrganizationId,
  plan: PlanToCustomer,
  { orderJws, now }: LockedFacts,
): Promise<void> {
  if (orderJws === null) throw new Refusal('ORDER_MISSING');
  demandEntitling(await authority.order(orderJws, organization, now));
  if (orderDigest(orderJws) !== plan.order.digest) throw new Refusal('PLAN_CHANGED');
}

/** Every version of the plan, and no other, stands ready under the pinned key, as signed. */
async function judgeStaged(
  statements: Deps['statements'],
  organization: OrganizationId,
  plan: PlanToCustomer,
  staged: LockedFacts['staged'],
): Promise<void> {
  const expected = new Map<number, Sha256Hex | null>([
    ...plan.rewrap.map(({ version, checkValue }) => [version, checkValue] as const),
    [plan.mint, null],
  ]);
  const versions = new Set(staged.map(({ version }) => version as number));
  if (staged.length !== expected.size || versions.size !== expected.size) throw new Refusal('PLAN_CHANGED');
  for (const envelope of staged) {
    const checkValue = expected.get(envelope.version);
    if (
      checkValue === undefined ||
      (checkValue !== null && checkValue !== envelope.checkValue) ||
      envelope.custody !== 'customer' ||
      envelope.connectionId !== plan.connection.id ||
      envelope.keyRef !== plan.connection.keyRef
    ) {
      throw new Refusal('PLAN_CHANGED');
    }
    await demandSigned(statements, { organization, operationId: plan.operationId }, envelope);
  }
}

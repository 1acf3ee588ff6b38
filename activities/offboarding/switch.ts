import { Refusal } from '../../domain/failure';
import type { Sha256Hex } from '../../domain/ids';
import { planDigest as digestOfPlan, type OffboardingPlan, planOf } from '../../domain/plan';
import type { LockedFacts } from '../../store/contract';
import { evidenceOf } from '../approved';
import { custodyInUse, demandSigned } from '../custody-in-use';
import type { CustodyDeps } from '../deps';
import { proveLiveKeys } from '../live-keys';
import { bySystem, recordingRefusals } from '../refusals';
import { commitStep, type Place, type Standing, type Step, standingNow } from '../step';
import { demandOperator, offboardingPlan } from './approved';

type Deps = Pick<CustodyDeps, 'store' | 'authority' | 'provider' | 'statements' | 'settings'>;
type SwitchStep = Step & { readonly planDigest: Sha256Hex };

/**
 * The point of no return: one transaction that moves custody to the new platform key, after {@link judgeSwitch} has
 * judged what it locked. Just before it the customer's key is asked for every live version once more, so that whoever
 * has taken it away since the staging stops the switch.
 * @throws Refusal PLAN_*, APPROVAL_*, OPERATOR_APPROVAL_*, INCIDENT_OPEN; ProviderFailure; then nothing has changed
 */
export async function switchToPlatform(deps: Deps, step: SwitchStep): Promise<Standing> {
  const { store } = deps;
  const { organization, operationId, planDigest } = step;
  // As when this step's answer was lost: only the switch leads there.
  const standing = await standingNow(store, step);
  if (standing.stage === 'sealing') return standing;
  const about = { organization: organization.id, subject: 'offboarding' } as const;
  await recordingRefusals(store, about, bySystem, async () => {
    const record = await store.dryRun(operationId, 'current');
    offboardingPlan(record?.plan, planDigest);
    // Append-only, so what is read here is what the transaction would read, or less.
    const orders = await store.orders(organization.id);
    const inUse = await custodyInUse(deps, step);
    await proveLiveKeys(deps, inUse);
    const { currentVersion } = inUse.statement;
    await commitStep(
      store,
      step,
      { type: 'custody-switched', custody: 'platform', planDigest, currentVersion },
      'sealing',
      { guard: (facts) => judgeSwitch(deps, step, orders, facts) },
    );
  });
  return standingNow(store, step);
}

/** The list of what must be true at the instant of the switch. */
async function judgeSwitch(
  { authority, statements }: Deps,
  { organization, planDigest }: SwitchStep,
  orders: readonly string[],
  facts: LockedFacts,
): Promise<void> {
  const { now } = facts;
  if (facts.planDigest !== planDigest) throw new Refusal('PLAN_UNKNOWN');
  const plan = offboardingPlan(facts.plan, planDigest);
  if (plan.expiresAt <= now) throw new Refusal('PLAN_EXPIRED');
  const recomputed = planOf(facts.planFacts, plan.dryRunId, plan.computedAt);
  if (digestOfPlan(recomputed) !== planDigest) throw new Refusal('PLAN_CHANGED');

  if (facts.approval === null) throw new Refusal('APPROVAL_MISSING');
  const signed = await authority.approval(
    evidenceOf(facts.approval.evidence),
    await authority.rooted(facts.approverKeys, orders, organization.id),
    { organization: organization.id, operationId: plan.operationId, planDigest, decision: 'approve' },
    now,
  );
  if (signed.dryRunId !== plan.dryRunId) throw new Refusal('APPROVAL_OTHER_PLAN');
  await demandOperator(authority, plan, facts.operatorApproval);
  await judgeStaged(statements, { organization, operationId: plan.operationId }, plan, facts);
}

/** Every version of the plan, and no other, stands ready under the one new key, as signed. */
async function judgeStaged(
  statements: Deps['statements'],
  { organization, operationId }: Pick<Place, 'organization' | 'operationId'>,
  { rewrap }: OffboardingPlan,
  { staged, newPlatformKey }: LockedFacts,
): Promise<void> {
  const expected = new Map(rewrap.map(({ version, checkValue }) => [version, checkValue]));
  if (staged.length !== expected.size || newPlatformKey === null) throw new Refusal('PLAN_CHANGED');
  for (const envelope of staged) {
    const isPlanned =
      envelope.checkValue === expected.get(envelope.version) &&
      envelope.custody === 'platform' &&
      envelope.connectionId === null &&
      envelope.keyRef === newPlatformKey;
    if (!isPlanned || !expected.delete(envelope.version)) throw new Refusal('PLAN_CHANGED');
    await demandSigned(statements, { organization: organization.id, operationId }, envelope);
  }
}

import { isSamePerson } from '../../domain/credential-reference';
import { Refusal } from '../../domain/failure';
import type { OrganizationId, OrganizationName, Sha256Hex } from '../../domain/ids';
import { planDigest as digestOfPlan, type OffboardingPlan, type Plan } from '../../domain/plan';
import { demandSignature } from '../approved';
import type { PlatformDeps } from '../deps';
import type { Place } from '../step';

type Deps = Pick<PlatformDeps, 'store' | 'authority'>;

/** The plan of an offboarding. @throws Refusal PLAN_UNKNOWN */
export function offboardingPlan(plan: Plan | null | undefined, digest: Sha256Hex): OffboardingPlan {
  if (plan?.kind !== 'offboard' || digestOfPlan(plan) !== digest) throw new Refusal('PLAN_UNKNOWN');
  return plan;
}

/**
 * Both sides approved this plan, as signed: what a workspace key is unwrapped for, and wrapped under a key of ours.
 * Whoever has the database, and Temporal's queues, has neither signature.
 * @throws Refusal APPROVAL_*, OPERATOR_APPROVAL_*, SECOND_PERSON_NEEDED
 */
export async function demandBothApproved(
  { store, authority }: Deps,
  organization: OrganizationId,
  plan: OffboardingPlan,
): Promise<void> {
  if (plan.organization.id !== organization) throw new Refusal('PLAN_CHANGED');
  await demandSignature({ store, authority }, organization, plan, 'approve');
  await demandOperator(authority, plan, await store.operatorApproval(plan.dryRunId));
}

/**
 * It may be launched: approved by both, and the customer's key answers.
 * @throws Refusal as {@link demandBothApproved}, INCIDENT_OPEN
 */
export async function demandReady(
  deps: Deps,
  { id, name }: Place['organization'],
  plan: OffboardingPlan,
): Promise<void> {
  await demandBothApproved(deps, id, plan);
  await demandNoIncident(deps, name);
}

/** An offboarding is no way around a key that refuses. @throws Refusal INCIDENT_OPEN */
export async function demandNoIncident(
  { store }: Pick<Deps, 'store'>,
  name: OrganizationName,
): Promise<void> {
  if ((await store.status(name))?.incident != null) throw new Refusal('INCIDENT_OPEN');
}

/**
 * A member of staff approved it, by our API's word, who isn't the one that started it.
 * @throws Refusal OPERATOR_APPROVAL_MISSING, OPERATOR_APPROVAL_INVALID, SECOND_PERSON_NEEDED
 */
export async function demandOperator(
  authority: Deps['authority'],
  plan: OffboardingPlan,
  proof: string | null,
): Promise<void> {
  if (proof === null) throw new Refusal('OPERATOR_APPROVAL_MISSING');
  const { organization, operationId, startedBy } = plan;
  const expected = { organization: organization.name, operationId, planDigest: digestOfPlan(plan) };
  const approver = await authority.operatorApproval(proof, expected);
  if (isSamePerson(startedBy.name, approver)) throw new Refusal('SECOND_PERSON_NEEDED');
}

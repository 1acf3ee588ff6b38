import { approvalEvidence } from '../domain/approval';
import type { Connection } from '../domain/connection';
import { connectionDigest } from '../domain/connection';
import { Refusal } from '../domain/failure';
import type { OrganizationId } from '../domain/ids';
import { planDigest as digestOfPlan, type Plan, type PlanToCustomer } from '../domain/plan';
import type { PlatformDeps } from './deps';
import { verifiedOrder } from './entitlement';

type Deps = Pick<PlatformDeps, 'store' | 'authority'>;

/**
 * Before key material is put under a customer's key: the plan is the very one that a customer's key signed, the order
 * behind it holds, and the connection is the one it names. All three are judged by signatures, because whoever can
 * write rows must not have a workspace key wrapped under a key of theirs: the switch would refuse it, too late.
 * @throws Refusal PLAN_CHANGED, ORDER_*, APPROVAL_*
 */
export async function demandApproved(
  { store, authority }: Deps,
  organization: OrganizationId,
  plan: PlanToCustomer,
  connection: Connection,
  planDigest: string,
): Promise<void> {
  const { id, digest } = plan.connection;
  const isPlans =
    digestOfPlan(plan) === planDigest &&
    plan.organization.id === organization &&
    connection.organization === organization &&
    connection.id === id &&
    connectionDigest(organization, connection.externalId, connection.input) === digest;
  if (!isPlans) throw new Refusal('PLAN_CHANGED');
  const order = await verifiedOrder({ store, authority }, organization);
  if (order.digest !== plan.order.digest) throw new Refusal('PLAN_CHANGED');
  await demandSignature({ store, authority }, organization, plan, 'approve');
}

/**
 * One of the decisions on record is this one of the customer's over this plan, as signed.
 * @throws Refusal APPROVAL_*
 */
export async function demandSignature(
  { store, authority }: Deps,
  organization: OrganizationId,
  plan: Plan,
  decision: 'approve' | 'reject',
): Promise<void> {
  const [orders, onRecord, decisions, now] = [
    await store.orders(organization),
    await store.approverKeys(organization),
    await store.approvals(organization),
    await store.now(),
  ];
  const keys = await authority.rooted(onRecord, orders, organization);
  const { operationId } = plan;
  const expected = {
    organization,
    operationId,
    planDigest: digestOfPlan(plan),
    decision,
  };
  let why = new Refusal('APPROVAL_MISSING');
  // The newest first: it's nearly always the one.
  for (const text of [...decisions].reverse()) {
    try {
      const signed = await authority.approval(evidenceOf(text), keys, expected, now);
      if (signed.dryRunId === plan.dryRunId) return;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      // That of another plan says nothing about this one.
      if (error.code !== 'APPROVAL_OTHER_PLAN' && why.code === 'APPROVAL_MISSING') why = error;
    }
  }
  throw why;
}

/** Evidence as it's kept. @throws Refusal APPROVAL_MALFORMED */
export function evidenceOf(text: string) {
  const { data } = approvalEvidence.safeParse(parsed(text));
  if (data === undefined) throw new Refusal('APPROVAL_MALFORMED');
  return data;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

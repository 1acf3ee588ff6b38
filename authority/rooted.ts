import { calculateJwkThumbprint } from 'jose';
import type { ApproverKey } from '../domain/approval';
import { ENROLMENT_TYP, enrolmentPayload } from '../domain/enrolment';
import type { OrganizationId } from '../domain/ids';
import { ORDER_TYP, orderClaims } from '../domain/order';
import { jsonOf, verifyJws } from './jws';
import type { Trust } from './trust';

/**
 * Of the given keys, those that signatures lead to: named by an order, or vouched for by one that is. A row says
 * only that somebody could write to the database. What may have expired meanwhile still counts: it was judged when
 * the key was enrolled, and the question here is only whether that was signed.
 * @param keys in the order of their enrolment
 */
export async function rootedKeys(
  trust: Trust,
  keys: readonly ApproverKey[],
  orders: readonly string[],
  organization: OrganizationId,
): Promise<readonly ApproverKey[]> {
  const named = await namedByOrders(trust, orders, organization);
  const rooted: ApproverKey[] = [];
  for (const key of keys) {
    if ((await calculateJwkThumbprint(key.publicJwk, 'sha256')) !== key.credentialId) continue;
    if (named.has(key.credentialId) || (await isVouchedFor(trust, key, rooted, organization)))
      rooted.push(key);
  }
  return rooted;
}

async function namedByOrders(
  trust: Trust,
  orders: readonly string[],
  organization: OrganizationId,
): Promise<ReadonlySet<string>> {
  const named = new Set<string>();
  for (const jws of orders) {
    const verdict = await verifyJws(jws, ORDER_TYP, trust.orderIssuer.keys);
    if (!verdict.ok) continue;
    if (verdict.key['smsk:mode'] === 'development' && trust.mode !== 'development') continue;
    const { data } = orderClaims.safeParse(jsonOf(verdict.payload));
    if (data === undefined || data.kind !== 'order') continue;
    const isOurs =
      data.iss === trust.orderIssuer.issuer && data.aud === trust.deployment && data.org === organization;
    if (isOurs) named.add(data.approver.thumbprint);
  }
  return named;
}

async function isVouchedFor(
  trust: Trust,
  { credentialId, enrolment }: ApproverKey,
  rooted: readonly ApproverKey[],
  organization: OrganizationId,
): Promise<boolean> {
  if (enrolment === undefined) return false;
  const vouchers = rooted.map((key) => ({ ...key.publicJwk, kid: key.credentialId }));
  const verdict = await verifyJws(enrolment, ENROLMENT_TYP, vouchers);
  if (!verdict.ok) return false;
  const { data } = enrolmentPayload.safeParse(jsonOf(verdict.payload));
  return (
    data?.action === 'enrol' &&
    data.deployment === trust.deployment &&
    data.org === organization &&
    data.credentialId === verdict.key.kid &&
    (await calculateJwkThumbprint(data.publicJwk, 'sha256')) === credentialId
  );
}

import { Refusal } from '../domain/failure';
import { type Instant, msOf, type OrganizationId } from '../domain/ids';
import { ORDER_TYP, type OrderClaims, orderClaims } from '../domain/order';
import { jsonOf, verifyJws } from './jws';
import type { Trust } from './trust';

/**
 * What the commerce system signed, checked for this deployment and organization at `now`.
 * @throws Refusal ORDER_MALFORMED, ORDER_SIGNATURE_INVALID, ORDER_DEVELOPMENT, ORDER_FOREIGN, ORDER_EXPIRED
 */
export async function verifyOrder(
  trust: Trust,
  jws: string,
  organization: OrganizationId,
  now: Instant,
): Promise<OrderClaims> {
  const verdict = await verifyJws(jws, ORDER_TYP, trust.orderIssuer.keys);
  if (!verdict.ok)
    throw new Refusal(verdict.why === 'malformed' ? 'ORDER_MALFORMED' : 'ORDER_SIGNATURE_INVALID');
  if (verdict.key['smsk:mode'] === 'development' && trust.mode !== 'development')
    throw new Refusal('ORDER_DEVELOPMENT');

  const parsed = orderClaims.safeParse(jsonOf(verdict.payload));
  if (!parsed.success) throw new Refusal('ORDER_MALFORMED');
  const claims = parsed.data;

  if (claims.iss !== trust.orderIssuer.issuer) throw new Refusal('ORDER_SIGNATURE_INVALID', 'another issuer');
  if (claims.aud !== trust.deployment) throw new Refusal('ORDER_FOREIGN', 'another deployment');
  if (claims.org !== organization) throw new Refusal('ORDER_FOREIGN', 'another organization');
  if (claims.exp * 1000 <= msOf(now))
    throw new Refusal('ORDER_EXPIRED', `on ${new Date(claims.exp * 1000).toISOString()}`);
  return claims;
}

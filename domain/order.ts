import { z } from 'zod';
import { Refusal } from './failure';
import { deploymentId, orderRef, organizationId, thumbprint } from './intake/fields';

/** JOSE `typ` of an order (RFC 7515 §4.1.9). */
export const ORDER_TYP = 'smsk-order+jwt';

/**
 * What the commerce system signs (EdDSA). An order grants the entitlement, and names the customer's first
 * approval key, which the customer gave it out of band. A withdrawal carries a higher `seq`.
 * `iat`, `exp`: seconds since 1970 (RFC 7519).
 */
export const orderClaims = z.strictObject({
  iss: z.string().max(200),
  aud: deploymentId,
  kind: z.enum(['order', 'withdrawal']),
  org: organizationId,
  orderRef,
  jti: z.string().regex(/^[A-Za-z0-9-]{8,64}$/),
  /** At most what a database integer holds. */
  seq: z.int().positive().max(2_147_483_647),
  iat: z.int().nonnegative(),
  exp: z.int().positive(),
  approver: z.strictObject({ thumbprint, role: z.literal('customer-admin') }),
});
export type OrderClaims = z.infer<typeof orderClaims>;

/** The newest order, where it still entitles. @throws Refusal ORDER_MISSING, ORDER_WITHDRAWN */
export function demandEntitling<T extends Pick<OrderClaims, 'kind'>>(latest: T | null | undefined): T {
  if (latest === null || latest === undefined) throw new Refusal('ORDER_MISSING');
  if (latest.kind === 'withdrawal') throw new Refusal('ORDER_WITHDRAWN');
  return latest;
}

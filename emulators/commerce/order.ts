import { z } from 'zod';

/** JOSE `typ` of what the commerce system signs (RFC 7515 §4.1.9). */
export const orderTyp = 'smsk-order+jwt';

/** What the sales side asks for. `exp`: seconds since 1970, a year from now if absent. */
export const orderRequest = z.strictObject({
  kind: z.enum(['order', 'withdrawal']).default('order'),
  /** Deployment id. */
  aud: z.string().min(1).max(200),
  /** Immutable organization id. */
  org: z.uuid(),
  orderRef: z.string().min(1).max(100),
  /** RFC 7638 thumbprint of the customer's first approval key, which the customer gave out of band. */
  thumbprint: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
  exp: z.int().positive().optional(),
});
export type OrderRequest = z.input<typeof orderRequest>;

/** Payload of the JWS. `iat`, `exp`: seconds since 1970 (RFC 7519). A later order or withdrawal has a higher `seq`. */
export interface OrderClaims {
  readonly iss: string;
  readonly aud: string;
  readonly kind: 'order' | 'withdrawal';
  readonly org: string;
  readonly orderRef: string;
  readonly jti: string;
  readonly seq: number;
  readonly iat: number;
  readonly exp: number;
  readonly approver: { readonly thumbprint: string; readonly role: 'customer-admin' };
}

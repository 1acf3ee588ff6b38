import { freshnessOf } from './credential-reference';
import { Refusal } from './failure';
import { type Instant, instantOf, msOf, type OrganizationId } from './ids';
import type { OrderClaims } from './order';
import type { Authority } from './ports/authority';

/**
 * What there is to say of the order behind customer custody, from 30 days before its end. It is a warning and nothing
 * else: no custody changes by itself, whatever becomes of an order.
 */
export type EntitlementWarning =
  | {
      readonly state: 'ending' | 'ended' | 'withdrawn';
      readonly orderRef: string;
      readonly seq: number;
      /** When it ends, ended or was withdrawn, as the commerce system signed it. */
      readonly at: Instant;
    }
  /** None is on record, or it can't be verified (any more). */
  | { readonly state: 'unproved' };
export type EntitlementState = EntitlementWarning['state'];

interface Words {
  readonly text: string;
  readonly remedy: string;
}

const STAYS = 'Nothing changes by itself: the customer’s key goes on holding.';
const WAYS =
  'A new order ends this warning. The way back to the operator’s key is offboarding, which both the customer and the operator approve, and which needs a provider that answers.';

export const ENTITLEMENT_WORDS: Readonly<Record<EntitlementState, Words>> = {
  ending: { text: `The order for customer custody ends soon. ${STAYS}`, remedy: WAYS },
  ended: { text: `The order for customer custody has ended. ${STAYS}`, remedy: WAYS },
  withdrawn: { text: `The order for customer custody was withdrawn. ${STAYS}`, remedy: WAYS },
  unproved: {
    text: `No order for customer custody can be proved now. ${STAYS}`,
    remedy: 'Ask again; where it stays so, our people look at the ledger, the signer and the trusted issuer.',
  },
};

export interface EntitlementParts {
  readonly store: {
    latestOrder(organization: OrganizationId): Promise<{ readonly jws: string } | null>;
    now(): Promise<Instant>;
  };
  readonly authority: Pick<Authority, 'order'>;
}

/** Before any order's end: one that has ended is verified like any other, and says when. */
const BEGINNING = instantOf(0);

/**
 * Judged by the signature of the order that the ledger accepted last, now; no row says it.
 * @returns `null`: it holds for more than 30 days
 */
export async function entitlementWarning(
  { store, authority }: EntitlementParts,
  organization: OrganizationId,
): Promise<EntitlementWarning | null> {
  try {
    const latest = await store.latestOrder(organization);
    if (latest === null) return { state: 'unproved' };
    return warningOf(await authority.order(latest.jws, organization, BEGINNING), await store.now());
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { state: 'unproved' };
  }
}

function warningOf({ kind, orderRef, seq, iat, exp }: OrderClaims, now: Instant): EntitlementWarning | null {
  if (kind === 'withdrawal') return { state: 'withdrawn', orderRef, seq, at: instantOf(iat * 1000) };
  const state = STATES[freshnessOf(exp * 1000, msOf(now))];
  return state === null ? null : { state, orderRef, seq, at: instantOf(exp * 1000) };
}

const STATES = { valid: null, expiring: 'ending', expired: 'ended' } as const;

import { ORDER_TYP, type OrderClaims, orderClaims } from '../../domain/order';
import { BUNDLE_FILES, type Findings } from './findings';
import type { SignedLine } from './jws-lines';
import type { LedgerLines } from './ledger-lines';

const FILE = BUNDLE_FILES.orders;

/** Whom the bundle is about: the two parts of the ledger's origin. */
export interface Subject {
  readonly deployment: string;
  readonly organization: string;
}

/**
 * Each signed order against the ledger, which keeps its SHA-256, and the other way round.
 * @returns the orders that hold.
 */
export function checkOrders(
  orders: readonly SignedLine[],
  lines: LedgerLines,
  subject: Subject,
  findings: Findings,
): OrderClaims[] {
  const accepted = lines.ofTypes(['order-accepted']);
  const good: OrderClaims[] = [];
  for (const order of orders) {
    const { data } = orderClaims.safeParse(order.payload);
    if (data === undefined || order.typ !== ORDER_TYP) {
      findings.add('FILE_MALFORMED', FILE, order.line, 'not an order');
    } else if (data.aud !== subject.deployment || data.org !== subject.organization) {
      findings.add('OTHER_ORGANIZATION', FILE, order.line, 'an order for another deployment or organization');
    } else if (!accepted.some((entry) => entry.body['jwsSha256'] === order.sha256)) {
      findings.add('NOT_IN_LEDGER', FILE, order.line, 'no order-accepted entry has its SHA-256');
    } else {
      good.push(data);
    }
  }
  const signed = new Set(orders.map((order) => order.sha256));
  for (const entry of accepted) {
    if (signed.has(String(entry.body['jwsSha256']))) continue;
    findings.add('EVIDENCE_MISSING', FILE, null, `no signed order for entry ${entry.index}`);
  }
  return good;
}

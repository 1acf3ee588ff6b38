import { demandEntitling, type OrderClaims } from '../../../domain/order';
import type { OperationStep } from '../step';

/**
 * No way to the customer's key without an order, also where the order was withdrawn after whoever commits this had
 * looked at it (invariant 5). @throws Refusal ORDER_MISSING, ORDER_WITHDRAWN
 */
export async function demandOrder({
  tx,
  organization,
}: Pick<OperationStep, 'tx' | 'organization'>): Promise<void> {
  const latest = await tx.signedOrder.findFirst({
    where: { organizationId: organization },
    orderBy: { seq: 'desc' },
    select: { kind: true },
  });
  demandEntitling(latest as { kind: OrderClaims['kind'] } | null);
}

import type { OrganizationId } from '../../domain/ids';
import type { Queries } from '../database';

export interface LatestOrder {
  readonly jws: string;
  readonly seq: number;
  readonly kind: 'order' | 'withdrawal';
  readonly orderRef: string;
}

/** Newest by `seq`, as received: whoever uses it verifies it. */
export async function findLatestOrder(
  queries: Queries,
  organizationId: OrganizationId,
): Promise<LatestOrder | null> {
  const row = await queries.signedOrder.findFirst({ where: { organizationId }, orderBy: { seq: 'desc' } });
  if (row === null) return null;
  return {
    jws: row.jws,
    seq: row.seq,
    kind: row.kind === 'order' ? 'order' : 'withdrawal',
    orderRef: row.orderRef,
  };
}

/** All of them, as received, lowest `seq` first. */
export async function findOrders(
  queries: Queries,
  organizationId: OrganizationId,
): Promise<readonly string[]> {
  const rows = await queries.signedOrder.findMany({
    where: { organizationId },
    orderBy: { seq: 'asc' },
    select: { jws: true },
  });
  return rows.map((row) => row.jws);
}

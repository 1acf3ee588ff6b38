import { sha256OfText } from '../../domain/digest';
import { Refusal } from '../../domain/failure';
import type { OrganizationId } from '../../domain/ids';
import type { Queries } from '../database';
import type { Said } from '../ledger/said';

export interface LatestOrder {
  readonly jws: string;
  readonly seq: number;
  readonly kind: 'order' | 'withdrawal';
  readonly orderRef: string;
}

/**
 * The one that the ledger accepted last, as received: whoever uses it verifies it. A row that the ledger doesn't name
 * is inert; without the row it does name, what was withdrawn would count again.
 * @throws Refusal LEDGER_MISMATCH where that row is gone or altered
 */
export async function findLatestOrder(
  queries: Queries,
  organizationId: OrganizationId,
  said: Said,
): Promise<LatestOrder | null> {
  const last = said.orders.at(-1);
  if (last === undefined) return null;
  const { sha256, seq, kind, orderRef } = last;
  const row = await queries.signedOrder.findUnique({
    where: { organizationId_seq: { organizationId, seq } },
    select: { jws: true },
  });
  if (row === null || sha256OfText(row.jws) !== sha256)
    throw new Refusal('LEDGER_MISMATCH', `the ${kind} that was accepted last is not on record`);
  return { jws: row.jws, seq, kind, orderRef };
}

/** All that the ledger accepted and that are on record, as received, lowest `seq` first. */
export async function findOrders(
  queries: Queries,
  organizationId: OrganizationId,
  said: Said,
): Promise<readonly string[]> {
  const accepted = new Set(said.orders.map(({ sha256 }) => sha256));
  const rows = await queries.signedOrder.findMany({
    where: { organizationId },
    orderBy: { seq: 'asc' },
    select: { jws: true },
  });
  return rows.map(({ jws }) => jws).filter((jws) => accepted.has(sha256OfText(jws)));
}

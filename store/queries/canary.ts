import type { KeyRef, OrganizationId } from '../../domain/ids';
import type { Queries } from '../database';

/**
 * What a probe unwraps: the newest canary of the connection that holds custody; before there is one, of any.
 */
export async function findCanary(
  queries: Queries,
  organizationId: OrganizationId,
): Promise<{ wrapped: Uint8Array; keyRef: KeyRef } | null> {
  const custody = await queries.custody.findUnique({ where: { organizationId } });
  const row = await queries.verification.findFirst({
    where: {
      organizationId,
      canaryWrapped: { not: null },
      ...(custody?.connectionId ? { connectionId: custody.connectionId } : {}),
    },
    orderBy: { ledgerIndex: 'desc' },
  });
  if (!row?.canaryWrapped || row.canaryKeyRef === null) return null;
  return { wrapped: row.canaryWrapped, keyRef: row.canaryKeyRef as KeyRef };
}

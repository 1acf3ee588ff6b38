import type { ConnectionId, KeyRef, OrganizationId } from '../../domain/ids';
import type { Queries } from '../database';
import { findConnection } from './connection';

/**
 * What a probe unwraps: the newest canary under the key that the live envelopes need, of the connection that holds
 * custody; before there are any, of any. A newer version's canary says nothing of the key that every read needs.
 */
export async function findCanary(
  queries: Queries,
  organizationId: OrganizationId,
): Promise<{ wrapped: Uint8Array; keyRef: KeyRef } | null> {
  const custody = await queries.custody.findUnique({ where: { organizationId } });
  const connection = custody?.connectionId
    ? await findConnection(queries, custody.connectionId as ConnectionId)
    : null;
  const row = await queries.verification.findFirst({
    where: {
      organizationId,
      canaryWrapped: { not: null },
      ...(connection === null ? {} : { connectionId: connection.id, canaryKeyRef: connection.pinnedKeyRef }),
    },
    orderBy: { ledgerIndex: 'desc' },
  });
  if (!row?.canaryWrapped || row.canaryKeyRef === null) return null;
  return { wrapped: row.canaryWrapped, keyRef: row.canaryKeyRef as KeyRef };
}

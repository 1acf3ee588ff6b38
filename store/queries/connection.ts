import type { Connection, ConnectionInput } from '../../domain/connection';
import type { ConnectionId, KeyRef, OrganizationId, Sha256Hex } from '../../domain/ids';
import type { Queries } from '../database';

export interface ConnectionRow {
  id: string;
  organization_id: string;
  external_id: string;
  input: string;
  digest: string;
  pinned_key_ref: string | null;
}

export function connectionFrom(row: ConnectionRow): Connection {
  return {
    id: row.id as ConnectionId,
    organization: row.organization_id as OrganizationId,
    externalId: row.external_id,
    input: JSON.parse(row.input) as ConnectionInput,
    digest: row.digest as Sha256Hex,
    pinnedKeyRef: row.pinned_key_ref as KeyRef | null,
  };
}

/**
 * A connection with its pinned key: that of the live envelopes, where it is the one in custody; else what its last
 * clean verification found. A verification alone moves no reads and writes to another version of the key: the switch
 * of the rotation does.
 */
export async function findConnection(queries: Queries, id: ConnectionId): Promise<Connection | null> {
  const [row] = await queries.$queryRaw<ConnectionRow[]>`
    SELECT k.id, k.organization_id, k.external_id, k.input, k.digest,
      COALESCE(
        (SELECT e.key_ref FROM custody c JOIN envelope e ON e.organization_id = c.organization_id
           AND e.wrapped_sha256 = c.envelopes ->> c.current_version::text
         WHERE c.organization_id = k.organization_id AND c.connection_id = k.id),
        (SELECT v.key_ref FROM verification v WHERE v.connection_id = k.id AND v.clean
         ORDER BY v.ledger_index DESC LIMIT 1)) AS pinned_key_ref
    FROM connection k WHERE k.id = ${id}::uuid`;
  return row === undefined ? null : connectionFrom(row);
}

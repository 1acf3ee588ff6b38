import type { Custody, EnvelopeRecord } from '../../domain/custody';
import type {
  ConnectionId,
  Epoch,
  KeyRef,
  KeyVersion,
  OperationId,
  OrganizationId,
  Sha256Hex,
} from '../../domain/ids';
import type { Queries } from '../database';

export interface EnvelopeRow {
  organization_id: string;
  version: number;
  custody: string;
  connection_id: string | null;
  wrapped: Uint8Array;
  wrapped_sha256: string;
  key_ref: string;
  check_value: string;
  operation_id: string;
  epoch: number;
  statement: string;
}

export function envelopeFrom(row: EnvelopeRow): EnvelopeRecord {
  return {
    organization: row.organization_id as OrganizationId,
    version: row.version as KeyVersion,
    custody: row.custody as Custody,
    connectionId: row.connection_id as ConnectionId | null,
    wrapped: row.wrapped,
    wrappedSha256: row.wrapped_sha256 as Sha256Hex,
    keyRef: row.key_ref as KeyRef,
    checkValue: row.check_value as Sha256Hex,
    operationId: row.operation_id as OperationId,
    epoch: row.epoch as Epoch,
    statement: row.statement,
  };
}

/** The envelopes that the current custody names by their SHA-256, lowest version first. */
export async function findLiveEnvelopes(
  queries: Queries,
  organization: OrganizationId,
): Promise<readonly EnvelopeRecord[]> {
  const rows = await queries.$queryRaw<EnvelopeRow[]>`
    SELECT e.* FROM custody c
    JOIN LATERAL jsonb_each_text(c.envelopes) AS live(version, sha256) ON true
    JOIN envelope e ON e.organization_id = c.organization_id AND e.wrapped_sha256 = live.sha256
    WHERE c.organization_id = ${organization}::uuid AND e.wrapped IS NOT NULL
    ORDER BY e.version`;
  return rows.map(envelopeFrom);
}

/** Those of the operator's key that aren't erased, live or superseded, lowest version first. */
export async function findPlatformEnvelopes(
  queries: Queries,
  organization: OrganizationId,
): Promise<readonly EnvelopeRecord[]> {
  const rows = await queries.$queryRaw<EnvelopeRow[]>`
    SELECT * FROM envelope
    WHERE organization_id = ${organization}::uuid AND custody = 'platform' AND wrapped IS NOT NULL
    ORDER BY version, ledger_index`;
  return rows.map(envelopeFrom);
}

/** What an operation has staged and not taken back, lowest version first; after its switch these are the live ones. */
export async function findStagedEnvelopes(
  queries: Queries,
  operationId: OperationId,
): Promise<readonly EnvelopeRecord[]> {
  const rows = await queries.$queryRaw<EnvelopeRow[]>`
    SELECT * FROM envelope WHERE operation_id = ${operationId}::uuid AND wrapped IS NOT NULL ORDER BY version`;
  return rows.map(envelopeFrom);
}

/** Under the customer's key and switched away from: custody doesn't name them, and no operation is staging them. */
export async function findSupersededEnvelopes(
  queries: Queries,
  organization: OrganizationId,
): Promise<readonly EnvelopeRecord[]> {
  const rows = await queries.$queryRaw<EnvelopeRow[]>`
    SELECT e.* FROM envelope e
    JOIN custody c ON c.organization_id = e.organization_id
    JOIN operation o ON o.id = e.operation_id
    WHERE e.organization_id = ${organization}::uuid AND e.custody = 'customer' AND e.wrapped IS NOT NULL
      AND c.envelopes ->> e.version::text IS DISTINCT FROM e.wrapped_sha256 AND o.stage <> 'live'
    ORDER BY e.version, e.ledger_index`;
  return rows.map(envelopeFrom);
}

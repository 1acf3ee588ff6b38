import type { Pool } from 'pg';
import type { Custody } from '../../domain/custody';
import { Refusal } from '../../domain/failure';
import {
  type ConnectionId,
  type Epoch,
  instantOf,
  type KeyVersion,
  type OrganizationId,
} from '../../domain/ids';
import type { CustodySnapshot } from '../../domain/ports/content';
import { connectionFrom } from '../queries/connection';
import { envelopeFrom } from '../queries/envelopes';

/**
 * Custody, the connection and those of the asked versions that are live: one statement, so one moment; prepared,
 * since every group of the cipher's operations begins with it.
 */
const SNAPSHOT = `
  SELECT c.custody, c.epoch, c.current_version, c.connection_id, c.sealing, c.statement, c.sealed, c.offboarded, c.changed_at,
    k.organization_id AS k_organization_id, k.external_id, k.input, k.digest, p.key_ref AS pinned_key_ref,
    e.version AS e_version, e.organization_id AS e_organization_id, e.custody AS e_custody,
    e.connection_id AS e_connection_id, e.wrapped, e.wrapped_sha256, e.key_ref, e.check_value, e.operation_id,
    e.epoch AS e_epoch, e.statement AS e_statement
  FROM custody c
  LEFT JOIN connection k ON k.id = c.connection_id
  LEFT JOIN envelope p ON p.organization_id = c.organization_id
    AND p.wrapped_sha256 = c.envelopes ->> c.current_version::text
  LEFT JOIN envelope e ON e.organization_id = c.organization_id AND e.wrapped IS NOT NULL
    AND e.wrapped_sha256 = ANY(ARRAY(
      SELECT c.envelopes ->> asked::text
      FROM unnest($2::int[] || CASE WHEN $3::bool THEN c.current_version END) AS asked))
  WHERE c.organization_id = $1`;

interface Row {
  custody: string;
  epoch: number;
  current_version: number;
  connection_id: string | null;
  sealing: boolean;
  statement: string;
  sealed: string | null;
  offboarded: string | null;
  changed_at: Date;
  k_organization_id: string;
  external_id: string;
  input: string;
  digest: string;
  pinned_key_ref: string | null;
  e_version: number | null;
  e_organization_id: string;
  e_custody: string;
  e_connection_id: string | null;
  wrapped: Uint8Array;
  wrapped_sha256: string;
  key_ref: string;
  check_value: string;
  operation_id: string;
  e_epoch: number;
  e_statement: string;
}

/** @throws Refusal ORGANIZATION_UNKNOWN for one without a key version yet, too */
export async function readSnapshot(
  pool: Pool,
  organization: OrganizationId,
  versions: readonly (KeyVersion | 'current')[],
): Promise<CustodySnapshot> {
  const numbered = versions.filter((version) => version !== 'current');
  const { rows } = await pool.query<Row>({
    name: 'snapshot',
    text: SNAPSHOT,
    values: [organization, numbered, versions.includes('current')],
  });
  const [row] = rows;
  if (row === undefined) throw new Refusal('ORGANIZATION_UNKNOWN');
  return {
    custody: {
      organization,
      custody: row.custody as Custody,
      epoch: row.epoch as Epoch,
      currentVersion: row.current_version as KeyVersion,
      connectionId: row.connection_id as ConnectionId | null,
      sealing: row.sealing,
      statement: row.statement,
      changedAt: instantOf(row.changed_at.getTime()),
    },
    envelopes: rows.flatMap((each) => (each.e_version === null ? [] : [envelopeOf(each, each.e_version)])),
    connection:
      row.connection_id === null
        ? null
        : connectionFrom({ ...row, id: row.connection_id, organization_id: row.k_organization_id }),
    sealed: row.sealed,
    offboarded: row.offboarded,
  };
}

function envelopeOf(row: Row, version: number) {
  return envelopeFrom({
    ...row,
    version,
    organization_id: row.e_organization_id,
    custody: row.e_custody,
    connection_id: row.e_connection_id,
    epoch: row.e_epoch,
    statement: row.e_statement,
  });
}

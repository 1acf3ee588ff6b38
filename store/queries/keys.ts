import {
  type Instant,
  instantOf,
  type KeyRef,
  type KeyVersion,
  type LedgerIndex,
  type OrganizationId,
} from '../../domain/ids';
import type { RotationCause } from '../../domain/rotation';
import type { KeyRefRecord, KeysRecord } from '../contract';
import type { Queries } from '../database';
import { findNewestRotation } from './operation';

interface Row {
  key_ref: string;
  live: number[];
  is_left: boolean;
  retired_index: number | null;
  retired_at: Date | null;
  backups_expire_at: string | null;
}

export async function findKeys(queries: Queries, organizationId: OrganizationId): Promise<KeysRecord> {
  const due = await queries.rotationDue.findFirst({
    where: { organizationId, settledIndex: null },
    orderBy: { ledgerIndex: 'asc' },
  });
  return {
    rotation: await findNewestRotation(queries, organizationId),
    due: (due?.cause ?? null) as RotationCause | null,
    keyRefs: await findKeyRefs(queries, organizationId),
  };
}

/**
 * Each version of the customer's key that a live envelope has ever needed. One stays in need while a superseded
 * envelope isn't erased yet. The entry that erased the last of them names the key as retired.
 */
async function findKeyRefs(queries: Queries, organization: OrganizationId): Promise<readonly KeyRefRecord[]> {
  const rows = await queries.$queryRaw<Row[]>`
    WITH used AS (
      SELECT e.key_ref, e.version, e.ledger_index, e.erased_index, c.envelopes ->> e.version::text = e.wrapped_sha256 AS is_live
      FROM envelope e
      JOIN custody c ON c.organization_id = e.organization_id
      JOIN operation o ON o.id = e.operation_id
      LEFT JOIN ledger_entry l ON l.organization_id = e.organization_id AND l.index = e.erased_index
      WHERE e.organization_id = ${organization}::uuid AND e.custody = 'customer'
        AND CASE WHEN e.wrapped IS NULL THEN l.type = 'superseded-envelopes-erased'
          ELSE o.stage IN ('sealing', 'handoff', 'closed') END
    )
    SELECT u.key_ref, COALESCE(array_agg(u.version ORDER BY u.version) FILTER (WHERE u.is_live), '{}') AS live,
      bool_or(u.erased_index IS NULL) AS is_left, max(u.erased_index) AS retired_index, max(l.at) AS retired_at,
      max(l.entry::jsonb #>> '{body,backupsExpireAt}') AS backups_expire_at
    FROM used u
    LEFT JOIN ledger_entry l ON l.organization_id = ${organization}::uuid AND l.index = u.erased_index
    GROUP BY u.key_ref ORDER BY min(u.ledger_index)`;
  return rows.map((row) => ({
    keyRef: row.key_ref as KeyRef,
    live: row.live as KeyVersion[],
    retired: retirementOf(row),
  }));
}

function retirementOf({
  is_left,
  retired_index,
  retired_at,
  backups_expire_at,
}: Row): KeyRefRecord['retired'] {
  if (is_left || retired_index === null || retired_at === null || backups_expire_at === null) return null;
  return {
    index: retired_index as LedgerIndex,
    at: instantOf(retired_at.getTime()),
    backupsExpireAt: backups_expire_at as Instant,
  };
}

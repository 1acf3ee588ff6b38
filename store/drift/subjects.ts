import type { Pool } from 'pg';
import { canaryContext } from '../../domain/canary';
import type { KeyRef, KeyVersion, OrganizationId } from '../../domain/ids';
import type { Held } from '../../domain/ports/prober';
import { type ConnectionRow, connectionFrom } from '../queries/connection';
import type { ProbeSubject } from './contract';

/** One row for each organization and key that its live envelopes are wrapped under. */
const SUBJECTS = `
  SELECT c.organization_id, k.id, k.external_id, k.input, k.digest, pinned.key_ref AS pinned_key_ref,
    held.key_ref, held.version, coalesce(canary.canary_wrapped, held.wrapped) AS wrapped,
    canary.canary_wrapped IS NOT NULL AS is_canary
  FROM custody c
  JOIN connection k ON k.id = c.connection_id
  LEFT JOIN envelope pinned ON pinned.organization_id = c.organization_id
    AND pinned.wrapped_sha256 = c.envelopes ->> c.current_version::text
  JOIN LATERAL (
    SELECT DISTINCT ON (e.key_ref) e.key_ref, e.version, e.wrapped
    FROM jsonb_each_text(c.envelopes) AS live(version, sha256)
    JOIN envelope e ON e.organization_id = c.organization_id AND e.wrapped_sha256 = live.sha256
    WHERE e.wrapped IS NOT NULL ORDER BY e.key_ref, e.version DESC) held ON true
  LEFT JOIN LATERAL (
    SELECT v.canary_wrapped FROM verification v
    WHERE v.organization_id = c.organization_id AND v.connection_id = c.connection_id
      AND v.canary_key_ref = held.key_ref AND v.canary_wrapped IS NOT NULL
    ORDER BY v.ledger_index DESC LIMIT 1) canary ON true
  WHERE c.custody = 'customer' AND c.organization_id = ANY($1::uuid[])
  ORDER BY c.organization_id, held.key_ref`;

interface Row extends ConnectionRow {
  key_ref: string;
  version: number;
  wrapped: Uint8Array;
  is_canary: boolean;
}

export async function findSubjects(
  pool: Pool,
  organizations: readonly OrganizationId[],
): Promise<readonly ProbeSubject[]> {
  if (organizations.length === 0) return [];
  const { rows } = await pool.query<Row>({ name: 'subjects', text: SUBJECTS, values: [organizations] });
  const subjects = new Map<string, ProbeSubject & { readonly held: Held[] }>();
  for (const row of rows) {
    const organization = row.organization_id as OrganizationId;
    const subject = subjects.get(organization) ?? { organization, connection: connectionFrom(row), held: [] };
    subjects.set(organization, subject);
    subject.held.push(heldOf(organization, row));
  }
  return [...subjects.values()];
}

const heldOf = (organization: OrganizationId, row: Row): Held => ({
  wrapped: row.wrapped,
  keyRef: row.key_ref as KeyRef,
  context: row.is_canary
    ? canaryContext(organization)
    : { organization, purpose: 'workspace-key', keyVersion: row.version as KeyVersion },
});

/**
 * The operator's keys that should be on their way out: sealed ones, and those that an offboarding made and ended without
 * a switch to. The key that custody is under is none of them.
 */
const FORMER = `
  SELECT organization_id, ledger_index, key_ref FROM platform_key
  WHERE organization_id = ANY($1::uuid[]) AND sealed_at IS NOT NULL
    AND (destroyed_at IS NOT NULL OR sealed_at < clock_timestamp() - interval '1 hour')
  UNION ALL
  SELECT e.organization_id, e.index, e.entry::jsonb #>> '{body,keyRef}' FROM ledger_entry e
  JOIN operation o ON o.id = e.operation_id AND o.kind = 'offboard' AND o.stage = 'closed' AND o.outcome <> 'completed'
  WHERE e.organization_id = ANY($1::uuid[]) AND e.operation_id IS NOT NULL AND e.type = 'platform-key-created'
    AND o.stage_since < clock_timestamp() - interval '1 hour'
  ORDER BY organization_id, ledger_index`;

export async function findFormerKeys(
  pool: Pool,
  organizations: readonly OrganizationId[],
): Promise<readonly { readonly organization: OrganizationId; readonly keyRef: KeyRef }[]> {
  const { rows } = await pool.query<{ organization_id: string; key_ref: string }>(FORMER, [organizations]);
  return rows.map(({ organization_id, key_ref }) => ({
    organization: organization_id as OrganizationId,
    keyRef: key_ref as KeyRef,
  }));
}

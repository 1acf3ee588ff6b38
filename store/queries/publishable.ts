import type { LedgerIndex, OrganizationId } from '../../domain/ids';
import type { LedgerText } from '../../domain/ports/publication';
import type { SignedStatement } from '../contract';
import type { Queries } from '../database';

/**
 * What the entries from `from` up to, not including, `to` have by digest only. All of it is append-only but envelopes,
 * whose bytes go when they are erased.
 */
export async function findTexts(
  queries: Queries,
  organization: OrganizationId,
  from: number,
  to: number,
): Promise<readonly LedgerText[]> {
  return queries.$queryRaw<(LedgerText & { index: LedgerIndex })[]>`
    SELECT index, kind, text FROM (
      SELECT id AS organization_id, 0 AS index, 'external-id' AS kind, external_id AS text FROM organization
      UNION ALL SELECT organization_id, index, 'idempotency-key', idempotency_key FROM ledger_entry
      UNION ALL SELECT organization_id, ledger_index, 'statement-' || kind, jws FROM statement
      UNION ALL SELECT organization_id, ledger_index, 'envelope', translate(encode(wrapped, 'base64'), E'\\n', '') FROM envelope
      UNION ALL SELECT organization_id, ledger_index, 'canary', translate(encode(canary_wrapped, 'base64'), E'\\n', '') FROM verification
      UNION ALL SELECT organization_id, ledger_index, 'plan', plan FROM dry_run
      UNION ALL SELECT organization_id, ledger_index, 'order', jws FROM signed_order
      UNION ALL SELECT organization_id, ledger_index, 'approval', evidence FROM approval
      UNION ALL SELECT organization_id, ledger_index, 'operator-approval', proof FROM operator_approval
      UNION ALL SELECT organization_id, ledger_index, 'enrolment', enrolment FROM approver_key
      UNION ALL SELECT organization_id, ledger_index, 'enrolment', enrolment FROM approver_removal
      UNION ALL SELECT organization_id, ledger_index, 'reference-locator', locator FROM reference_registration
      UNION ALL SELECT organization_id, ledger_index, 'reference-proof', proof FROM reference_registration
      UNION ALL SELECT organization_id, ledger_index, 'reference-proof', proof FROM reference_confirmation
      UNION ALL SELECT organization_id, ledger_index, 'endpoint-url', url FROM notice_endpoint
      UNION ALL SELECT m.organization_id, m.ledger_index, 'usage', (
        SELECT string_agg('{"at":"' || to_char(u.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
          || '","keyRef":' || to_json(u.key_ref)::text || ',"operations":' || u.operations || ',"purpose":' || to_json(u.purpose)::text
          || ',"requestId":' || coalesce(to_json(u.request_id)::text, 'null') || '}', E'\\n' ORDER BY u.id)
        FROM usage u WHERE u.organization_id = m.organization_id
          AND u.at >= m.minute AND u.at < m.minute + interval '1 minute') FROM usage_minute m
      UNION ALL SELECT organization_id, ledger_index, 'maintenance', jws FROM maintenance_window
      UNION ALL SELECT organization_id, ledger_index, 'maintenance', jws FROM maintenance_cancellation
    ) AS named
    WHERE organization_id = ${organization}::uuid AND index >= ${from} AND index < ${to} AND text IS NOT NULL
    ORDER BY index, kind`;
}

/** Every statement from the entry `from` on, with the line of the entry that it stands beside. */
export async function findSignedStatements(
  queries: Queries,
  organization: OrganizationId,
  from: number,
): Promise<readonly SignedStatement[]> {
  return queries.$queryRaw<SignedStatement[]>`
    SELECT s.ledger_index AS index, s.kind, s.jws, e.entry
    FROM statement s
    LEFT JOIN ledger_entry e ON e.organization_id = s.organization_id AND e.index = s.ledger_index
    WHERE s.organization_id = ${organization}::uuid AND s.ledger_index >= ${from}
    ORDER BY s.ledger_index`;
}

/** The first row that would pass for an entry, past the end that the head says; one statement, so no commit is between. */
export async function findBeyondHead(
  queries: Queries,
  organization: OrganizationId,
): Promise<LedgerIndex | null> {
  const [row] = await queries.$queryRaw<{ index: LedgerIndex | null }[]>`
    SELECT min(e.index) AS index FROM ledger_entry e
    JOIN ledger_head h ON h.organization_id = e.organization_id
    WHERE e.organization_id = ${organization}::uuid AND e.index >= h.size`;
  return row?.index ?? null;
}

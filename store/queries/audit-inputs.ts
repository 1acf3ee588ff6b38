import type { OrganizationId } from '../../domain/ids';
import type { UnexplainedRow } from '../contract';
import type { Queries } from '../database';

/**
 * What custody was decided on: connections, verifications, dry-runs, orders, approval keys and approvals of both sides. A row that
 * no entry explains, and an entry whose row is gone: without a withdrawal's, or a key removal's, something that was
 * taken back would count again. Signed texts are compared by the digest that their entry keeps.
 */
export async function findUnexplainedInputs(
  queries: Queries,
  only: OrganizationId | null,
): Promise<readonly UnexplainedRow[]> {
  const rows = await queries.$queryRaw<
    { table: string; organization_id: string; row: string; why: string }[]
  >`
    WITH said AS (
      SELECT organization_id, index, type, operation_id, entry, entry::jsonb -> 'body' AS body
      FROM ledger_entry WHERE (${only}::uuid IS NULL OR organization_id = ${only}::uuid) AND type IN ('organization-created', 'connection-submitted', 'verification-recorded',
        'dry-run-recorded', 'order-accepted', 'approver-enrolled', 'approver-removed', 'approval-accepted',
        'operator-approved')
    ), found AS (
    SELECT 'ledger_entry' AS table, r.organization_id, r.index::text AS row, 'its columns are not what its line says' AS why
    FROM ledger_entry r WHERE r.leaf_hash <> sha256('\\x00'::bytea || convert_to(r.entry, 'UTF8'))
      OR NOT r.entry::jsonb @> jsonb_build_object('index', r.index, 'type', r.type, 'organization', r.organization_id,
        'operationId', r.operation_id)
    UNION ALL
    SELECT 'organization' AS table, r.id AS organization_id, r.name AS row,
      'not what organization-created says' AS why
    FROM organization r WHERE NOT EXISTS (
      SELECT FROM said s WHERE s.organization_id = r.id AND s.type = 'organization-created'
        AND s.body ->> 'name' = r.name
        AND s.body ->> 'externalIdSha256' = encode(sha256(convert_to(r.external_id, 'UTF8')), 'hex'))
    UNION ALL
    SELECT 'connection', r.organization_id, r.id::text, 'no connection-submitted entry like it'
    FROM connection r JOIN organization o ON o.id = r.organization_id
    WHERE r.external_id <> o.external_id OR NOT EXISTS (
      SELECT FROM said s WHERE s.organization_id = r.organization_id AND s.index = r.ledger_index
        AND s.type = 'connection-submitted' AND s.operation_id = r.operation_id
        AND s.body ->> 'connectionId' = r.id::text AND s.body ->> 'digest' = r.digest
        AND s.body -> 'input' ->> 'key' = r.key
        AND strpos(s.entry, '"input":' || r.input) > 0)
    UNION ALL
    SELECT 'verification', r.organization_id, r.ledger_index::text, 'no verification-recorded entry like it'
    FROM verification r WHERE NOT EXISTS (
      SELECT FROM said s WHERE s.organization_id = r.organization_id AND s.index = r.ledger_index
        AND s.type = 'verification-recorded' AND s.operation_id = r.operation_id
        AND s.body ->> 'connectionId' = r.connection_id::text AND s.body -> 'findings' = r.findings
        AND s.body ->> 'keyRef' IS NOT DISTINCT FROM r.key_ref
        AND s.body #>> '{canary,keyRef}' IS NOT DISTINCT FROM r.canary_key_ref
        AND s.body #>> '{canary,wrapped,sha256}' IS NOT DISTINCT FROM encode(sha256(r.canary_wrapped), 'hex')
        AND r.clean = (r.key_ref IS NOT NULL AND jsonb_array_length(r.findings) > 0
          AND NOT jsonb_path_exists(r.findings, '$[*] ? (@.result != "ok")')))
    UNION ALL
    SELECT 'dry_run', r.organization_id, r.id::text, 'no dry-run-recorded entry like it'
    FROM dry_run r WHERE NOT EXISTS (
      SELECT FROM said s WHERE s.organization_id = r.organization_id AND s.index = r.ledger_index
        AND s.type = 'dry-run-recorded' AND s.operation_id = r.operation_id
        AND s.body ->> 'dryRunId' = r.id::text
        AND s.body ->> 'planDigest' IS NOT DISTINCT FROM r.plan_digest
        AND encode(sha256(convert_to(r.plan, 'UTF8')), 'hex') IS NOT DISTINCT FROM r.plan_digest)
    UNION ALL
    SELECT 'signed_order', r.organization_id, r.jti, 'no order-accepted entry like it'
    FROM signed_order r WHERE NOT EXISTS (
      SELECT FROM said s WHERE s.organization_id = r.organization_id AND s.index = r.ledger_index
        AND s.type = 'order-accepted'
        AND s.body ->> 'jwsSha256' = encode(sha256(convert_to(r.jws, 'UTF8')), 'hex')
        AND s.body @> jsonb_build_object('jti', r.jti, 'seq', r.seq, 'kind', r.kind, 'orderRef', r.order_ref))
    UNION ALL
    SELECT 'approver_key', r.organization_id, r.credential_id, 'no approver-enrolled entry like it'
    FROM approver_key r WHERE NOT EXISTS (
      SELECT FROM said s WHERE s.organization_id = r.organization_id AND s.index = r.ledger_index
        AND s.type = 'approver-enrolled'
        AND s.body -> 'key' @> jsonb_build_object('credentialId', r.credential_id, 'role', r.role,
          'publicJwk', jsonb_build_object('x', r.public_x))
        AND s.body #>> '{key,enrolmentSha256}'
          IS NOT DISTINCT FROM encode(sha256(convert_to(r.enrolment, 'UTF8')), 'hex'))
    UNION ALL
    SELECT 'approver_removal', r.organization_id, r.credential_id, 'no approver-removed entry like it'
    FROM approver_removal r WHERE NOT EXISTS (
      SELECT FROM said s WHERE s.organization_id = r.organization_id AND s.index = r.ledger_index
        AND s.type = 'approver-removed' AND s.body ->> 'credentialId' = r.credential_id
        AND s.body ->> 'enrolmentSha256'
          IS NOT DISTINCT FROM encode(sha256(convert_to(r.enrolment, 'UTF8')), 'hex'))
    UNION ALL
    SELECT 'approval', r.organization_id, r.nonce, 'no approval-accepted entry like it'
    FROM approval r WHERE NOT EXISTS (
      SELECT FROM said s WHERE s.organization_id = r.organization_id AND s.index = r.ledger_index
        AND s.type = 'approval-accepted' AND s.operation_id = r.operation_id
        AND s.body @> jsonb_build_object('nonce', r.nonce, 'dryRunId', r.dry_run_id, 'planDigest', r.plan_digest,
          'decision', r.decision, 'credentialId', r.credential_id)
        AND s.body ->> 'evidenceSha256' = encode(sha256(convert_to(r.evidence, 'UTF8')), 'hex'))
    UNION ALL
    SELECT 'operator_approval', r.organization_id, r.ledger_index::text, 'no operator-approved entry like it'
    FROM operator_approval r WHERE NOT EXISTS (
      SELECT FROM said s WHERE s.organization_id = r.organization_id AND s.index = r.ledger_index
        AND s.type = 'operator-approved' AND s.operation_id = r.operation_id
        AND s.body @> jsonb_build_object('dryRunId', r.dry_run_id, 'planDigest', r.plan_digest, 'by', r.approved_by)
        AND s.body ->> 'proofSha256' = encode(sha256(convert_to(r.proof, 'UTF8')), 'hex'))
    UNION ALL
    SELECT 'signed_order', s.organization_id, s.body ->> 'jti', 'accepted, and gone'
    FROM said s WHERE s.type = 'order-accepted' AND NOT EXISTS (
      SELECT FROM signed_order r WHERE r.organization_id = s.organization_id AND r.ledger_index = s.index)
    UNION ALL
    SELECT 'approver_removal', s.organization_id, s.body ->> 'credentialId', 'removed, and counts again'
    FROM said s WHERE s.type = 'approver-removed' AND NOT EXISTS (
      SELECT FROM approver_removal r WHERE r.organization_id = s.organization_id AND r.ledger_index = s.index
        AND r.credential_id = s.body ->> 'credentialId')
    )
    SELECT * FROM found WHERE (${only}::uuid IS NULL OR organization_id = ${only}::uuid)`;
  return rows.map(({ table, organization_id, row, why }) => ({
    table: table as UnexplainedRow['table'],
    organization: organization_id as OrganizationId,
    row,
    why,
  }));
}

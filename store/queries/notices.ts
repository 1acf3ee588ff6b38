import type { HandoffContact } from '../../domain/change';
import { type EndpointId, instantOf, type LedgerIndex, type OrganizationId } from '../../domain/ids';
import type {
  DeclaredWindow,
  IncidentContact,
  NoticeEndpoint,
  NoticeRecords,
} from '../../domain/ports/notices';
import type { Queries } from '../database';
import { findIncidentFacts } from './incident-facts';
import { findOperationFacts, findOperationsToTell } from './operation-facts';

/** A row without an entry that says the same is inert: whoever can write rows directs no notice anywhere. */
export const noticeRecords = (queries: Queries): NoticeRecords => ({
  incidentFacts: (id) => findIncidentFacts(queries, id),
  operationFacts: (id) => findOperationFacts(queries, id),
  operationsToTell: () => findOperationsToTell(queries),
  incidentContacts: (organization) => findContacts(queries, organization),
  noticeEndpoints: (organization) => findEndpoints(queries, organization),
  told: (organization, keys) => findTold(queries, organization, keys),
  maintenanceWindows: (organization) => findWindows(queries, organization),
});

async function findContacts(
  queries: Queries,
  organization: OrganizationId,
): Promise<readonly IncidentContact[]> {
  const [last] = await queries.$queryRaw<{ ledger_index: number; contacts: HandoffContact[] }[]>`
    SELECT r.ledger_index, r.contacts FROM handoff r
    JOIN ledger_entry e ON e.organization_id = r.organization_id AND e.index = r.ledger_index
      AND e.type = 'handoff-recorded' AND e.entry::jsonb #> '{body,contacts}' = r.contacts
    WHERE r.organization_id = ${organization}::uuid ORDER BY r.ledger_index DESC LIMIT 1`;
  return (last?.contacts ?? []).flatMap(({ email, duty }, nth) =>
    duty === 'key-owner' ? [] : [{ handoff: (last?.ledger_index ?? 0) as LedgerIndex, nth, email }],
  );
}

async function findEndpoints(
  queries: Queries,
  organization: OrganizationId,
): Promise<readonly NoticeEndpoint[]> {
  const rows = await queries.$queryRaw<
    { endpoint_id: string; url: string; at: Date; ledger_index: number }[]
  >`
    SELECT r.endpoint_id, r.url, e.at, r.ledger_index FROM notice_endpoint r
    JOIN ledger_entry e ON e.organization_id = r.organization_id AND e.index = r.ledger_index
      AND e.type = 'endpoint-registered' AND e.entry::jsonb -> 'body' = jsonb_build_object(
        'endpoint', r.endpoint_id, 'urlSha256', encode(sha256(convert_to(r.url, 'UTF8')), 'hex'))
    WHERE r.organization_id = ${organization}::uuid AND NOT EXISTS (
      SELECT FROM notice_endpoint_removal m
      WHERE m.organization_id = r.organization_id AND m.endpoint_id = r.endpoint_id)
    ORDER BY r.ledger_index`;
  return rows.map(({ endpoint_id, url, at, ledger_index }) => ({
    endpoint: endpoint_id as EndpointId,
    url,
    registeredAt: instantOf(at.getTime()),
    index: ledger_index as LedgerIndex,
  }));
}

async function findTold(
  queries: Queries,
  organizationId: OrganizationId,
  keys: readonly string[],
): ReturnType<NoticeRecords['told']> {
  const rows = await queries.ledgerEntry.findMany({
    where: {
      organizationId,
      idempotencyKey: { in: [...keys] },
      type: { in: ['notice-delivered', 'notice-failed'] },
    },
    select: { idempotencyKey: true, type: true },
  });
  return new Map(rows.map(({ idempotencyKey, type }) => [idempotencyKey, type as 'notice-delivered']));
}

async function findWindows(
  queries: Queries,
  organization: OrganizationId,
): Promise<readonly DeclaredWindow[]> {
  const rows = await queries.$queryRaw<
    {
      nonce: string;
      starts_at: Date;
      ends_at: Date;
      reason: string;
      credential_id: string;
      jws: string;
      declared_at: Date;
      cancelled_at: Date | null;
      ledger_index: number;
    }[]
  >`
    SELECT r.nonce, r.starts_at, r.ends_at, r.reason, r.credential_id, r.jws, e.at AS declared_at,
      c.at AS cancelled_at, r.ledger_index
    FROM maintenance_window r
    JOIN ledger_entry e ON e.organization_id = r.organization_id AND e.index = r.ledger_index
      AND e.type = 'maintenance-declared'
    LEFT JOIN maintenance_cancellation m ON m.organization_id = r.organization_id AND m.cancels = r.nonce
    LEFT JOIN ledger_entry c ON c.organization_id = m.organization_id AND c.index = m.ledger_index
    WHERE r.organization_id = ${organization}::uuid ORDER BY r.ledger_index DESC`;
  return rows.map((row) => ({
    nonce: row.nonce,
    from: instantOf(row.starts_at.getTime()),
    until: instantOf(row.ends_at.getTime()),
    reason: row.reason,
    credentialId: row.credential_id,
    jws: row.jws,
    declaredAt: instantOf(row.declared_at.getTime()),
    cancelledAt: row.cancelled_at === null ? null : instantOf(row.cancelled_at.getTime()),
    index: row.ledger_index as LedgerIndex,
  }));
}

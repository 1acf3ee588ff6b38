import type { Actor } from '../../domain/actor';
import type { Owner, ProviderCode } from '../../domain/codes';
import { Refusal } from '../../domain/failure';
import {
  type IncidentId,
  instantOf,
  type LedgerIndex,
  type OrganizationId,
  type RequestId,
} from '../../domain/ids';
import type { IncidentNote, IncidentRecord, RecoveryProof } from '../../domain/incident';
import type { Incident, IncidentNote as NoteRow } from '../../generated/prisma/client';
import type { Queries } from '../database';

/** The organization's open incident. */
export async function findOpenIncident(
  queries: Queries,
  organizationId: OrganizationId,
): Promise<IncidentRecord | null> {
  const row = await queries.incident.findFirst({ where: { organizationId, closedAt: null } });
  return row === null ? null : withNotes(queries, row);
}

export async function findIncident(
  queries: Queries,
  organizationId: OrganizationId,
  id: IncidentId,
): Promise<IncidentRecord | null> {
  const row = await queries.incident.findFirst({ where: { organizationId, id: BigInt(id) } });
  return row === null ? null : withNotes(queries, row);
}

/** The newest first. */
export async function findIncidents(
  queries: Queries,
  organizationId: OrganizationId,
  limit: number,
): Promise<readonly IncidentRecord[]> {
  const rows = await queries.incident.findMany({
    where: { organizationId },
    orderBy: { id: 'desc' },
    take: limit,
  });
  const notes = await queries.incidentNote.findMany({
    where: { organizationId, incidentId: { in: rows.map(({ id }) => id) } },
    orderBy: { ledgerIndex: 'asc' },
  });
  return rows.map((row) =>
    incidentOf(
      row,
      notes.filter(({ incidentId }) => incidentId === row.id),
    ),
  );
}

async function withNotes(queries: Queries, row: Incident): Promise<IncidentRecord> {
  const notes = await queries.incidentNote.findMany({
    where: { incidentId: row.id },
    orderBy: { ledgerIndex: 'asc' },
  });
  return incidentOf(row, notes);
}

export function incidentOf(row: Incident, notes: readonly NoteRow[]): IncidentRecord {
  return {
    id: String(row.id) as IncidentId,
    organization: row.organizationId as OrganizationId,
    code: row.code as ProviderCode,
    owner: row.owner as Owner | null,
    requestId: row.requestId as RequestId | null,
    firstRefusalAt: instantOf(row.openedAt.getTime()),
    lastRefusalAt: instantOf(row.lastRefusalAt.getTime()),
    refusals: row.refusals,
    probes: row.probes,
    detectedAt: maybe(row.detectedAt),
    answeredAt: maybe(row.answeredAt),
    closedAt: maybe(row.closedAt),
    proof: row.proof as unknown as RecoveryProof | null,
    openedIndex: row.openedIndex as LedgerIndex | null,
    closedIndex: row.closedIndex as LedgerIndex | null,
    notes: notes.map(noteOf),
  };
}

const maybe = (at: Date | null) => (at === null ? null : instantOf(at.getTime()));

const noteOf = ({ acknowledges, text, byKind, byName, at, ledgerIndex }: NoteRow): IncidentNote => ({
  acknowledges,
  text,
  by: { kind: byKind as Actor['kind'], name: byName },
  at: instantOf(at.getTime()),
  ledgerIndex: ledgerIndex as LedgerIndex,
});

/** Offboarding is no way around a key that refuses. @throws Refusal INCIDENT_OPEN */
export async function demandNoIncident(queries: Queries, organizationId: OrganizationId): Promise<void> {
  const open = await queries.incident.findFirst({
    where: { organizationId, closedAt: null },
    select: { id: true },
  });
  if (open !== null) throw new Refusal('INCIDENT_OPEN');
}

import type { Owner, ProviderCode } from '../../domain/codes';
import {
  type IncidentId,
  instantOf,
  type LedgerIndex,
  type OrganizationId,
  type OrganizationName,
  type RequestId,
} from '../../domain/ids';
import type { IncidentFacts } from '../../domain/incident-facts';
import type { Queries } from '../database';

/** One incident, as people are told of it. */
export async function findIncidentFacts(queries: Queries, id: IncidentId): Promise<IncidentFacts | null> {
  const row = await queries.incident.findUnique({ where: { id: BigInt(id) } });
  if (row === null) return null;
  const { name } = await queries.organization.findUniqueOrThrow({ where: { id: row.organizationId } });
  return {
    id,
    organization: { id: row.organizationId as OrganizationId, name: name as OrganizationName },
    code: row.code as ProviderCode,
    owner: row.owner as Owner | null,
    requestId: row.requestId as RequestId | null,
    refusals: row.refusals,
    probes: row.probes,
    openedAt: instantOf(row.openedAt.getTime()),
    lastRefusalAt: instantOf(row.lastRefusalAt.getTime()),
    closedAt: row.closedAt === null ? null : instantOf(row.closedAt.getTime()),
    entries: {
      opened: row.openedIndex as LedgerIndex | null,
      closed: row.closedIndex as LedgerIndex | null,
    },
  };
}

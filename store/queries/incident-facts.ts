import type { IncidentId, OrganizationName } from '../../domain/ids';
import type { IncidentFacts } from '../../domain/incident-facts';
import type { Queries } from '../database';
import { incidentOf } from './incident';

/** One incident, as people are told of it. */
export async function findIncidentFacts(queries: Queries, id: IncidentId): Promise<IncidentFacts | null> {
  const row = await queries.incident.findUnique({ where: { id: BigInt(id) } });
  if (row === null) return null;
  const { organization, openedIndex, closedIndex, ...incident } = incidentOf(row, []);
  const { name } = await queries.organization.findUniqueOrThrow({ where: { id: organization } });
  const { code, owner, requestId, refusals, probes, firstRefusalAt, lastRefusalAt, closedAt } = incident;
  return {
    ...{ id, code, owner, requestId, refusals, probes, lastRefusalAt, closedAt },
    organization: { id: organization, name: name as OrganizationName },
    openedAt: firstRefusalAt,
    entries: { opened: openedIndex, closed: closedIndex },
  };
}

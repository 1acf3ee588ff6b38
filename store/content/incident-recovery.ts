import { Refusal } from '../../domain/failure';
import type { IncidentId, Instant, OrganizationId, OrganizationName } from '../../domain/ids';
import type { RecoveryProof } from '../../domain/incident';
import type { Queries } from '../database';

/** An open incident whose recovery hasn't been told of it, or of an answer since. */
export interface Untold {
  readonly incident: IncidentId;
  readonly organization: { readonly id: OrganizationId; readonly name: OrganizationName };
  readonly what: 'refused' | 'answered';
  /** Database time of this look: what came later isn't told by it. */
  readonly at: Instant;
}

const LOOKED_AT = `to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** At most as many as one round can tell. */
export async function findUntold(queries: Queries, limit: number): Promise<readonly Untold[]> {
  const rows = await queries.$queryRawUnsafe<
    { id: bigint; organization_id: string; name: string; is_new: boolean; at: string }[]
  >(
    `SELECT i.id, i.organization_id, o.name, i.relayed_at IS NULL AS is_new, ${LOOKED_AT} AS at
    FROM incident i JOIN organization o ON o.id = i.organization_id
    WHERE i.closed_at IS NULL AND (i.relayed_at IS NULL OR i.answered_at > i.relayed_at)
    ORDER BY i.id LIMIT $1`,
    limit,
  );
  return rows.map(({ id, organization_id, name, is_new, at }) => ({
    incident: String(id) as IncidentId,
    organization: { id: organization_id as OrganizationId, name: name as OrganizationName },
    what: is_new ? 'refused' : 'answered',
    at: at as Instant,
  }));
}

/** Its recovery has been told of what was on record at `at`. */
export async function setTold(queries: Queries, incident: IncidentId, at: Instant): Promise<void> {
  await queries.$executeRaw`
    UPDATE incident SET relayed_at = ${at}::timestamptz, detected_at = coalesce(detected_at, clock_timestamp())
    WHERE id = ${BigInt(incident)} AND closed_at IS NULL`;
}

/** Organizations with an open incident that was told longer ago than this: each should have a running recovery. */
export async function findTold(
  queries: Queries,
  agoMs: number,
): Promise<readonly Omit<Untold, 'what' | 'at'>[]> {
  const rows = await queries.$queryRaw<{ id: bigint; organization_id: string; name: string }[]>`
    SELECT i.id, i.organization_id, o.name FROM incident i JOIN organization o ON o.id = i.organization_id
    WHERE i.closed_at IS NULL AND i.relayed_at < clock_timestamp() - make_interval(secs => ${agoMs / 1000}::float8)
    ORDER BY i.id`;
  return rows.map(({ id, organization_id, name }) => ({
    incident: String(id) as IncidentId,
    organization: { id: organization_id as OrganizationId, name: name as OrganizationName },
  }));
}

/** Nobody is looking after it: it's to be told again. */
export async function setUntold(queries: Queries, incident: IncidentId): Promise<void> {
  await queries.$executeRaw`UPDATE incident SET relayed_at = NULL WHERE id = ${BigInt(incident)} AND closed_at IS NULL`;
}

/**
 * Closes it with what was proved, unless something has been refused since the proof began.
 * @returns whether it is closed
 */
export async function closeIncident(
  queries: Queries,
  { organization, id }: { readonly organization: OrganizationId; readonly id: IncidentId },
  since: Instant,
  proof: RecoveryProof,
): Promise<boolean> {
  const closed = await queries.$executeRaw`
    UPDATE incident SET closed_at = clock_timestamp(), proof = ${JSON.stringify(proof)}::jsonb
    WHERE id = ${BigInt(id)} AND organization_id = ${organization}::uuid AND closed_at IS NULL
      AND last_refusal_at < ${since}::timestamptz`;
  if (closed > 0) return true;
  const present = await queries.incident.findFirst({
    where: { id: BigInt(id), organizationId: organization },
  });
  if (present === null) throw new Refusal('INCIDENT_UNKNOWN');
  return present.closedAt !== null;
}

import type { ChangeOf } from '../../domain/change';
import { json, type UnfencedStep } from '../commit/step';

/**
 * Rows that are written before their entries, and from which those are written: what the backup has of them is brought to
 * what the ledger says. What they counted and no entry said yet is lost with the database.
 */
export async function incidentOpened(
  { tx, organization: organizationId, index: openedIndex }: UnfencedStep,
  { incident, code, owner, requestId, firstRefusalAt }: ChangeOf<'incident-opened'>,
): Promise<void> {
  const id = BigInt(incident);
  // One is open at a time; the entry of the former's closing may come after this one's opening.
  await tx.incident.updateMany({
    where: { organizationId, closedAt: null, id: { not: id } },
    data: { closedAt: firstRefusalAt },
  });
  await tx.incident.upsert({
    where: { id },
    create: {
      ...{ id, organizationId, code, owner, requestId, refusals: 0, openedIndex },
      ...{ openedAt: firstRefusalAt, lastRefusalAt: firstRefusalAt },
    },
    update: { owner, openedIndex },
  });
  for (let next = 0n; next < id; )
    next = (await tx.$queryRaw<{ id: bigint }[]>`SELECT nextval('incident_id_seq') AS id`)[0]?.id ?? id;
}

export async function incidentClosed(
  { tx, index: closedIndex }: UnfencedStep,
  change: ChangeOf<'incident-closed'>,
): Promise<void> {
  const { incident, lastRefusalAt, detectedAt, answeredAt, closedAt, refusals, probes, proved } = change;
  await tx.incident.update({
    where: { id: BigInt(incident) },
    data: {
      ...{ lastRefusalAt, detectedAt, answeredAt, closedAt, refusals, probes, closedIndex },
      proof: json(proved),
    },
  });
}

export async function contentRefused(
  { tx, organization }: UnfencedStep,
  { minute, code, count }: ChangeOf<'refusal'>,
): Promise<void> {
  await tx.$executeRaw`
    INSERT INTO content_refusal AS c (organization_id, minute, code, refusals, recorded)
    VALUES (${organization}::uuid, ${minute}::timestamptz, ${code}, ${count}, ${count})
    ON CONFLICT (organization_id, minute, code) DO UPDATE
    SET recorded = c.recorded + ${count}, refusals = greatest(c.refusals, c.recorded + ${count})`;
}

export async function refusalCounted(
  { tx, organization: organizationId }: UnfencedStep,
  { subject, minute, code }: ChangeOf<'refusal'>,
): Promise<void> {
  await tx.refusalCount.upsert({
    where: { organizationId_subject: { organizationId, subject } },
    create: { organizationId, subject, minute, pending: 0, code },
    update: { minute, pending: 0, code },
  });
}

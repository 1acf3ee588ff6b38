import type { ChangeOf } from '../../../domain/change';
import { Refusal } from '../../../domain/failure';
import type { UnfencedStep } from '../step';

/** @throws Refusal INCIDENT_UNKNOWN where the organization has no such incident */
export async function incidentNoted(
  { tx, organization: organizationId, index, at, actor }: UnfencedStep,
  { type, incident, note }: ChangeOf<'incident-acknowledged' | 'incident-annotated'>,
): Promise<void> {
  const incidentId = BigInt(incident);
  const known = await tx.incident.count({ where: { id: incidentId, organizationId } });
  if (known === 0) throw new Refusal('INCIDENT_UNKNOWN');
  const acknowledges = type === 'incident-acknowledged';
  const by = { byKind: actor.kind, byName: actor.name };
  await tx.incidentNote.create({
    data: { organizationId, ledgerIndex: index, incidentId, acknowledges, text: note, ...by, at },
  });
}

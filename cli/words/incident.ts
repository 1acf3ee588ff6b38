import type { IncidentView } from '../../api/client';
import { OWNER_TEXT } from '../../domain/attribution-words';
import { durationText } from '../../domain/duration';
import { findingsText } from './status';
import { fields, table } from './table';

/** The newest first, one a line. */
export function incidentsTable(incidents: readonly IncidentView[]): string {
  const rows = incidents.map(({ id, code, owner, since, closedAt, refusals, timeToRecoverMs }) => [
    id,
    closedAt === null ? 'open' : 'closed',
    code,
    owner ?? 'being found out',
    since,
    String(refusals),
    timeToRecoverMs === null ? '' : durationText(timeToRecoverMs),
  ]);
  return `${table([['NUMBER', 'IS', 'CODE', 'OWNER', 'SINCE', 'REFUSED', 'LASTED'], ...rows])}\n`;
}

/** One incident in full. */
export function incidentText(org: string, incident: IncidentView): string {
  const { id, code, owner, text, remedy, since, closedAt, answeredAt, proof } = incident;
  const head = `${org}: incident ${id} is ${closedAt === null ? 'open' : `closed since ${closedAt}`}\n`;
  const facts = fields([
    ['cause', code],
    ['', owner && OWNER_TEXT[owner]],
    ['', text],
    ['to do', closedAt === null ? remedy : null],
    ['first refused', since],
    ['last refused', incident.lastRefusalAt],
    ['refused', `${incident.refusals} operations, ${incident.probes} probes`],
    ['found after', incident.timeToDetectMs === null ? null : durationText(incident.timeToDetectMs)],
    ['answers since', closedAt === null ? answeredAt : null],
    ['lasted', incident.timeToRecoverMs === null ? null : durationText(incident.timeToRecoverMs)],
    ['acknowledged', incident.acknowledged ? 'yes' : 'no'],
    ['proved', proof && `key versions ${proof.versions.join(', ')}, each by an unwrap and its check value`],
    ...incident.notes.map(
      (note) => ['note', `${note.at} ${note.by}: ${note.text ?? 'acknowledged'}`] as const,
    ),
  ]);
  return proof === null || proof.findings.length === 0
    ? `${head}${facts}`
    : `${head}${facts}${findingsText(proof.findings)}`;
}

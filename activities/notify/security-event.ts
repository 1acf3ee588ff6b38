import { digestOf } from '../../domain/digest';
import type { IncidentNotice } from '../../domain/notice';
import { detectionFinding } from '../../domain/ocsf';
import { type TellingDeps, toldOfIncident } from './told';

/**
 * The incident's opening or end as one structured line, for whoever collects our logs. Written again by a repeated
 * activity, with the same `metadata.uid`.
 * @throws Refusal INPUT_INVALID where the organization has no such incident
 */
export async function logSecurityEvent(deps: TellingDeps, notice: IncidentNotice): Promise<void> {
  const { told } = await toldOfIncident(deps, notice);
  const { deployment } = deps.notices;
  const { incident, kind } = notice;
  const uid = `evt_${digestOf({ deployment, incident, kind }).slice(0, 32)}`;
  deps.logger.warn({ event: 'security.event', ocsf: detectionFinding(told, uid) }, 'security event');
}

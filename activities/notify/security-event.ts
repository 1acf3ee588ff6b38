import { digestOf } from '../../domain/digest';
import type { Notice } from '../../domain/notice';
import { detectionFinding } from '../../domain/ocsf';
import { type TellingDeps, toldOf } from './told';

/**
 * The incident's opening or end as one structured line, for whoever collects our logs. Written again by a repeated
 * activity, with the same `metadata.uid`.
 * @throws Refusal INPUT_INVALID where the organization has no such incident
 */
export async function logSecurityEvent(deps: TellingDeps, notice: Notice): Promise<void> {
  const { told } = await toldOf(deps, notice);
  const { deployment } = deps.notices;
  const { incident, kind } = notice;
  const uid = `evt_${digestOf({ deployment, incident, kind }).slice(0, 32)}`;
  deps.logger.warn({ event: 'security.event', ocsf: detectionFinding(told, uid) }, 'security event');
}

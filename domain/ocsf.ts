import type { JsonObject } from './canonical';
import { PROVIDER_CODES } from './codes';
import type { Effect } from './codes/code';
import { msOf } from './ids';
import { type ToldIncident, wordsFor } from './told';

/** https://schema.ocsf.io/1.8.0/classes/detection_finding */
const OCSF = { version: '1.8.0', category_uid: 2, class_uid: 2004 } as const;

const ACTIVITY = { 'incident-opened': [1, 'Create'], 'incident-closed': [3, 'Close'] } as const;
const SEVERITY: Readonly<Record<Effect, readonly [number, string]>> = {
  unreadable: [4, 'High'],
  'no-rotation': [3, 'Medium'],
  'setup-blocked': [2, 'Low'],
  none: [1, 'Informational'],
};

/**
 * An incident's opening or end as a Detection Finding of the Open Cybersecurity Schema Framework: what security tools
 * read without a mapping of their own. Sanitized as everything that people are told: our codes and words, times,
 * counts, and the provider's request id.
 * @param uid names the event: the same whenever it's sent again
 */
export function detectionFinding(told: ToldIncident, uid: string): JsonObject {
  const { kind, deployment, incident, isExpected, statusUrl } = told;
  const { code, owner, organization, openedAt, lastRefusalAt, closedAt, refusals, probes, requestId } =
    incident;
  const { title, text, effect, remedy } = wordsFor(told);
  const [activity_id, activity_name] = ACTIVITY[kind];
  const isOver = kind === 'incident-closed';
  const [severity_id, severity] =
    isOver || isExpected ? SEVERITY.none : SEVERITY[PROVIDER_CODES[code].effect];
  const [status_id, status] = isOver ? [4, 'Resolved'] : isExpected ? [3, 'Suppressed'] : [1, 'New'];
  const at = msOf(isOver ? (closedAt ?? lastRefusalAt) : openedAt);
  return {
    activity_id,
    activity_name,
    category_uid: OCSF.category_uid,
    category_name: 'Findings',
    class_uid: OCSF.class_uid,
    class_name: 'Detection Finding',
    type_uid: OCSF.class_uid * 100 + activity_id,
    type_name: `Detection Finding: ${activity_name}`,
    time: at,
    start_time: msOf(openedAt),
    end_time: msOf(lastRefusalAt),
    severity_id,
    severity,
    status_id,
    status,
    status_code: code,
    status_detail: effect,
    message: title,
    is_alert: !isOver && !isExpected,
    metadata: {
      version: OCSF.version,
      uid,
      event_code: code,
      log_name: 'smsk-incidents',
      tenant_uid: organization.id,
      product: { name: 'Self Managed Secret Keys', vendor_name: deployment, uid: 'smsk' },
    },
    finding_info: {
      uid: `${deployment}/incident/${incident.id}`,
      title,
      desc: text,
      types: ['Customer-held key refused'],
      created_time: msOf(openedAt),
      first_seen_time: msOf(openedAt),
      last_seen_time: msOf(lastRefusalAt),
      modified_time: at,
      src_url: statusUrl,
    },
    remediation: { desc: remedy },
    resources: [{ uid: organization.id, name: organization.name, type: 'Organization' }],
    unmapped: {
      owner,
      expected: isExpected,
      refused_operations: refusals,
      refused_probes: probes,
      provider_request_id: requestId,
    },
  };
}

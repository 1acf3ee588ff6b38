import type { IncidentId, OrganizationName } from './ids';

/** What people are told of. */
export const NOTICES = ['incident-opened', 'incident-closed'] as const;
export type NoticeKind = (typeof NOTICES)[number];

/** One thing to tell, once to each who is to hear it; an incident that closed is told to whom its opening was. */
export interface Notice {
  readonly kind: NoticeKind;
  readonly organization: OrganizationName;
  readonly incident: IncidentId;
}

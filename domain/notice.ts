import type { IncidentId, OperationId, OrganizationName } from './ids';

/** What people are told of an incident. */
export const INCIDENT_NOTICES = ['incident-opened', 'incident-closed'] as const;
export type IncidentNoticeKind = (typeof INCIDENT_NOTICES)[number];

/** And of an operation that moves custody under customer custody: one was asked for, and how it ended. */
export const OPERATION_NOTICES = ['operation-started', 'operation-ended'] as const;
export type OperationNoticeKind = (typeof OPERATION_NOTICES)[number];

/** One thing to tell, once to each who is to hear it; an incident that closed is told to whom its opening was. */
export interface IncidentNotice {
  readonly kind: IncidentNoticeKind;
  readonly organization: OrganizationName;
  readonly incident: IncidentId;
}

/** The same of an operation; its end is told to all who are to hear it then. */
export interface OperationNotice {
  readonly kind: OperationNoticeKind;
  readonly organization: OrganizationName;
  readonly operation: OperationId;
}

export type Notice = IncidentNotice | OperationNotice;

export const isOfOperation = (notice: Notice): notice is OperationNotice => 'operation' in notice;

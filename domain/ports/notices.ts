import type { EndpointId, IncidentId, Instant, LedgerIndex, OperationId, OrganizationId } from '../ids';
import type { IncidentFacts } from '../incident-facts';
import type { Mail } from '../mail';
import type { OperationFacts, OperationToTell } from '../operation-facts';
import type { StatusClass } from '../recipient';
import type { WebhookCall } from '../webhook';

/**
 * What came of handing something over. `refused`: for good, and trying again is pointless (HTTP 410, an SMTP server
 * that doesn't take mail for this address); `later`: anything else that isn't acceptance.
 */
export interface Handed {
  readonly verdict: 'accepted' | 'refused' | 'later';
  readonly statusClass: StatusClass;
}

/** How things get out to people. Neither throws for anything that the other side does, or doesn't. */
export interface Couriers {
  /** Within its own deadline. */
  post(call: WebhookCall): Promise<Handed>;
  /** `null`: no mail server is configured. */
  readonly mail: ((mail: Mail) => Promise<Handed>) | null;
}

/** An endpoint as its organization registered it, and hasn't removed. */
export interface NoticeEndpoint {
  readonly endpoint: EndpointId;
  readonly url: string;
  readonly registeredAt: Instant;
  readonly index: LedgerIndex;
}

/** A contact of the last handoff who is called in an incident. */
export interface IncidentContact {
  readonly handoff: LedgerIndex;
  /** Place in the handoff's list. */
  readonly nth: number;
  readonly email: string;
}

/** A window as it was declared; whoever goes by it verifies the signature. */
export interface DeclaredWindow {
  readonly nonce: string;
  readonly from: Instant;
  readonly until: Instant;
  readonly reason: string;
  readonly credentialId: string;
  readonly jws: string;
  readonly declaredAt: Instant;
  readonly cancelledAt: Instant | null;
  readonly index: LedgerIndex;
}

/** What is on record of whom to tell, and of what was told: rows count only where a ledger entry says the same. */
export interface NoticeRecords {
  incidentFacts(id: IncidentId): Promise<IncidentFacts | null>;
  /** `null`: there's none of a kind that people are told of. */
  operationFacts(id: OperationId): Promise<OperationFacts | null>;
  /** Those that there may be something to tell of; whoever has been told isn't told again. */
  operationsToTell(): Promise<readonly OperationToTell[]>;
  /** Of the last handoff, with the duty `escalation` or `security`. */
  incidentContacts(organization: OrganizationId): Promise<readonly IncidentContact[]>;
  noticeEndpoints(organization: OrganizationId): Promise<readonly NoticeEndpoint[]>;
  /** Which of these keys have an entry (`tellingKey`), and which one. */
  told(
    organization: OrganizationId,
    keys: readonly string[],
  ): Promise<ReadonlyMap<string, 'notice-delivered' | 'notice-failed'>>;
  /** Newest first. */
  maintenanceWindows(organization: OrganizationId): Promise<readonly DeclaredWindow[]>;
}

import type { Owner, ProviderCode } from './codes';
import type { IncidentId, Instant, LedgerIndex, OrganizationId, OrganizationName, RequestId } from './ids';

/** An incident as people are told of it. */
export interface IncidentFacts {
  readonly id: IncidentId;
  readonly organization: { readonly id: OrganizationId; readonly name: OrganizationName };
  readonly code: ProviderCode;
  /** `null` until it was found out. */
  readonly owner: Owner | null;
  /** Of the first refusal. */
  readonly requestId: RequestId | null;
  /** Operations refused so far. */
  readonly refusals: number;
  /** Probes of ours refused so far. */
  readonly probes: number;
  /** The first refusal. */
  readonly openedAt: Instant;
  readonly lastRefusalAt: Instant;
  /** When the provider answered again. */
  readonly closedAt: Instant | null;
  /** Its entries in the organization's ledger, once they are written. */
  readonly entries: { readonly opened: LedgerIndex | null; readonly closed: LedgerIndex | null };
}

import type { Owner, ProviderCode } from '../domain/codes';
import type { ConnectionInput } from '../domain/connection';
import type { IncidentId, Instant, OrganizationId, OrganizationName, RequestId } from '../domain/ids';
import type { IncidentRecord, RecoveryProof } from '../domain/incident';
import type { IncidentHealth } from './content/incident-health';
import type { Untold } from './content/incident-recovery';
import type { Except } from './contract';

/** Whose an incident is. `connection` is the one in use, `null` under platform custody; `isOver`: the provider has answered since. */
export type OwnerOf = (incident: {
  readonly connection: ConnectionInput | null;
  readonly code: ProviderCode;
  readonly isOver: boolean;
}) => Promise<Owner>;

/** A run whose history has to go, and hasn't. */
export interface OpenIntakeIncident {
  readonly organization: OrganizationName;
  readonly workflowId: string;
  readonly runId: string;
}

/** The store's part in incidents and their recoveries. */
export interface IncidentRecords {
  /**
   * Writes the entries of incidents that have been opened, and of those that have been closed for a minute.
   * @param ownerOf asked for each that was opened, before its transaction
   * @param only this organization's
   * @param except not these organizations'. @returns how many entries that made
   */
  recordIncidents(ownerOf: OwnerOf, only?: OrganizationId, except?: Except): Promise<number>;
  /** As `refused`, for a probe of ours: it opens the organization's incident, or is counted into the open one. */
  probeRefused(organization: OrganizationId, code: ProviderCode, requestId: RequestId | null): Promise<void>;
  openIncident(organization: OrganizationId): Promise<IncidentRecord | null>;
  incident(organization: OrganizationId, id: IncidentId): Promise<IncidentRecord | null>;
  /** The newest first. */
  incidents(organization: OrganizationId, limit: number): Promise<readonly IncidentRecord[]>;
  /**
   * Closes an incident with what was proved, unless something has been refused since the proof began, at `since`
   * (database time). @returns whether it is closed
   */
  closeIncident(
    organization: OrganizationId,
    id: IncidentId,
    since: Instant,
    proof: RecoveryProof,
  ): Promise<boolean>;
  /** Open incidents whose recovery hasn't been told of them, or of an answer since; at most `limit`. */
  untoldIncidents(limit: number): Promise<readonly Untold[]>;
  /** Its recovery was told of what was on record at `at`. */
  incidentTold(id: IncidentId, at: Instant): Promise<void>;
  /** Open incidents that were told longer ago than this: each should have a running recovery. */
  toldIncidents(agoMs: number): Promise<readonly Omit<Untold, 'what' | 'at'>[]>;
  /** Nobody looks after it: it is to be told again. */
  incidentAbandoned(id: IncidentId): Promise<void>;
  incidentHealth(): Promise<IncidentHealth>;
  openIntakeIncidents(): Promise<readonly OpenIntakeIncident[]>;
}

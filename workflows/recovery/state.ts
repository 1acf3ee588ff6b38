import type { OpenIncident } from '../../activities/recovery/open';
import type { IncidentId, Instant, OrganizationName } from '../../domain/ids';
import type { IncidentAcknowledgement, RecoveryStatus } from '../contract/recovery';
import type { Telling } from './telling';

/** A recovery as its run knows it. What counts is in the database; this is for whoever looks at the run. */
export interface Recovery {
  readonly organization: OrganizationName;
  /** `null` until it is read, and where none is open. */
  incident: OpenIncident | null;
  /** Probes that were refused in a row, of the runs before this one too. */
  failures: number;
  /** Of this run. */
  probes: number;
  lastRefused: RecoveryStatus['lastRefused'];
  nextProbeAt: Instant | null;
  /** Somebody, or an operation that was answered, has reason to look now. */
  probeAsked: boolean;
  /** Told since the incident was last read. */
  refusedAgain: boolean;
  acknowledged: boolean;
  closed: number;
  ended: boolean;
  /** Updates that were answered, by their ids. */
  readonly handled: Map<string, IncidentAcknowledgement>;
  /** The incident whose opening is in the log as a security event. */
  announced: IncidentId | null;
  readonly tellings: Telling[];
  /** As last written. */
  published: string;
  /** Continue as new once the history has so many. */
  historyEvents: number;
}

/** What a run hands to the run that continues it. */
export interface CarriedRecovery {
  readonly failures: number;
  readonly closed: number;
  readonly announced: IncidentId | null;
  readonly handled: readonly (readonly [string, IncidentAcknowledgement])[];
}

const NOTHING_CARRIED: CarriedRecovery = { failures: 0, closed: 0, announced: null, handled: [] };

export const newRecovery = (
  organization: OrganizationName,
  { failures, closed, announced, handled }: CarriedRecovery = NOTHING_CARRIED,
): Recovery => ({
  organization,
  incident: null,
  failures,
  probes: 0,
  lastRefused: null,
  nextProbeAt: null,
  probeAsked: false,
  refusedAgain: false,
  acknowledged: false,
  closed,
  ended: false,
  handled: new Map(handled),
  announced,
  tellings: [],
  published: '',
  historyEvents: Number.POSITIVE_INFINITY,
});

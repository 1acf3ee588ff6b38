import type { AuditFinding } from '../../domain/audit';
import type { Code, ProviderCode } from '../../domain/codes';
import type { Connection } from '../../domain/connection';
import type { Aspect, Drift } from '../../domain/drift';
import type { Instant, KeyRef, LedgerIndex, OrganizationId } from '../../domain/ids';
import type { Held } from '../../domain/ports/prober';

/**
 * What is probed, each on dates of its own:
 * - `customer-key`: the customer's key, for every organization in customer custody
 * - `platform-key`: the operator's former key, once it was proved dead
 * - `records`: rows that the ledger doesn't explain
 * - `ledger`: each organization's ledger itself, and what was signed and published of it
 */
export const PROBE_KINDS = ['customer-key', 'platform-key', 'records', 'ledger'] as const;
export type ProbeKind = (typeof PROBE_KINDS)[number];

/** How many may be under way. All of it is counted over all workers, and by the database's clock. */
export interface ProbeLimits {
  /** At once, for one account of a provider. */
  readonly perAccount: number;
  /** Begun in a second, for one account of a provider. */
  readonly perAccountSecond: number;
  /** At once, of those whose last probe failed: what hangs again keeps few from their turn. */
  readonly troubled: number;
}

export interface LeaseRequest {
  readonly kind: ProbeKind;
  /** A UUID, fresh for each holder: what it leases is its own until the lease ends. */
  readonly holder: string;
  /** How long a lease holds, in milliseconds: longer than a probe takes. */
  readonly leaseMs: number;
  readonly limits: ProbeLimits;
  /** At most as many. */
  readonly count: number;
  /** This one, due or not; limits don't count for it. */
  readonly only?: OrganizationId;
}

/** The last thing the ledger says of an aspect. */
export interface LastDrift {
  readonly aspect: Aspect;
  readonly code: ProviderCode;
  readonly keyRef: KeyRef | null;
  readonly found: LedgerIndex;
  readonly cleared: LedgerIndex | null;
}

export interface LeasedProbe {
  readonly organization: OrganizationId;
  /** In a row, before this one. */
  readonly failures: number;
  /** Since then it was looked at in full; `null`: never. */
  readonly thoroughAt: Instant | null;
  readonly drift: readonly LastDrift[];
}

export interface Leased {
  readonly probes: readonly LeasedProbe[];
  /** Whether others are due that can't be begun yet. */
  readonly more: boolean;
}

/** An arrangement in use, as a probe looks at it. */
export interface ProbeSubject {
  readonly organization: OrganizationId;
  readonly connection: Connection;
  /** For each key that live envelopes are wrapped under: its canary, or where it has none the newest envelope itself. */
  readonly held: readonly Held[];
}

export interface ProbeResult {
  readonly organization: OrganizationId;
  readonly code: Code | 'OK';
  readonly failures: number;
  /** It was looked at in full. */
  readonly thorough: boolean;
  /** What it came to, step by step; only our codes and request ids. */
  readonly findings: readonly object[];
}

/** A finding that stands. */
export interface StandingDrift extends Omit<Drift, 'requestId'> {
  readonly aspect: Aspect;
  /** Ledger index of its entry. */
  readonly found: LedgerIndex;
  readonly since: Instant;
}

export interface SweepHealth {
  /** When a sweep of customers' keys last came to its end. */
  readonly completedAt: Instant | null;
  /** Of the probe that has been due longest, in milliseconds; 0: none is. */
  readonly lagMs: number;
  /** How many findings stand, by their code. */
  readonly standing: Readonly<Record<string, number>>;
}

export interface AuditHealth {
  /** When an audit of ledgers last came to its end. */
  readonly completedAt: Instant | null;
  /** What the latest audit of each organization's ledger found, counted by the finding's name. */
  readonly findings: Readonly<Record<string, number>>;
}

/** What the latest audit of one ledger found. */
export interface LastAudit {
  /** `null`: none came to its end yet. */
  readonly at: Instant | null;
  /** When it was last read from its first entry on. */
  readonly wholeAt: Instant | null;
  readonly findings: readonly AuditFinding[];
}

/** Probes due, and what they found. */
export interface DriftStore {
  /**
   * Makes every organization that is to be probed known, each at a moment of its own in the period, and keeps its
   * account current. Safe to repeat.
   */
  enrolProbes(kind: ProbeKind, periodMs: number): Promise<void>;
  /** Leases what is due, longest overdue first; what another holds is left to it. */
  leaseProbes(request: LeaseRequest): Promise<Leased>;
  /** Of those in customer custody; the others are absent. */
  probeSubjects(organizations: readonly OrganizationId[]): Promise<readonly ProbeSubject[]>;
  /**
   * The operator's former keys that were proved dead, and those that an offboarding made and didn't use: they should have
   * been scheduled for deletion by now.
   */
  formerPlatformKeys(
    organizations: readonly OrganizationId[],
  ): Promise<readonly { readonly organization: OrganizationId; readonly keyRef: KeyRef }[]>;
  /**
   * Writes what came of them and when they are due next, for those the holder still holds.
   * @param periodMs to the next, at the organization's own moment; after a first failure a tenth of it
   * @returns how many those were
   */
  settleProbes(
    lease: Pick<LeaseRequest, 'kind' | 'holder'>,
    periodMs: number,
    results: readonly ProbeResult[],
  ): Promise<number>;
  /** Gives back what the holder still holds. */
  releaseProbes(holder: string): Promise<void>;
  /** A sweep of that kind has come to its end. */
  completeSweep(kind: ProbeKind): Promise<void>;
  sweepHealth(): Promise<SweepHealth>;
  auditHealth(): Promise<AuditHealth>;
  lastAudit(organization: OrganizationId): Promise<LastAudit>;
  /** The schedule's next run audits it, from its first entry on. */
  auditSoon(organization: OrganizationId): Promise<void>;
  standingDrift(organization: OrganizationId): Promise<readonly StandingDrift[]>;
}

import type { ProbeKind, ProbeLimits } from '../../store/contract';

/** How one kind of probe is swept. Times are in milliseconds. */
export interface ProbeSettings {
  /** Between two probes of one organization. */
  readonly periodMs: number;
  /** Under way at once in one worker. */
  readonly slots: number;
  readonly limits: ProbeLimits;
  /** The deadline of one probe. */
  readonly probeMs: number;
  /** Longer than a probe and what follows from it. */
  readonly leaseMs: number;
}

export interface SweepSettings extends Readonly<Record<ProbeKind, ProbeSettings>> {
  /** Between two looks at what hardly ever changes: trust policy, end of the credential. */
  readonly thoroughMs: number;
  /** No probe begins later than so long after its sweep's begin. */
  readonly sliceMs: number;
}

const HOUR_MS = 3_600_000;
const UNLIMITED = { perAccount: 10_000, perAccountSecond: 10_000, troubled: 10_000 };

/**
 * @param periodMs between two probes of a customer's key
 * @param thoroughMs between two of everything that is looked at less often
 * @param auditMs between two audits of a ledger
 */
export const sweepSettings = (
  periodMs = 300_000,
  thoroughMs = HOUR_MS,
  auditMs = 300_000,
): SweepSettings => ({
  thoroughMs,
  sliceMs: 0.6 * periodMs,
  'customer-key': {
    periodMs,
    slots: 64,
    // A tenth of what the least of the providers' own limits allows: Key Vault, 2,000 uses of a key in 10 s.
    limits: { perAccount: 8, perAccountSecond: 20, troubled: 16 },
    probeMs: 10_000,
    leaseMs: 60_000,
  },
  'platform-key': {
    periodMs: thoroughMs,
    slots: 8,
    limits: { perAccount: 8, perAccountSecond: 20, troubled: 8 },
    probeMs: 10_000,
    leaseMs: 60_000,
  },
  // All in one: the question to the database is about all.
  records: {
    periodMs: thoroughMs,
    slots: 10_000,
    limits: UNLIMITED,
    probeMs: 60_000,
    leaseMs: 300_000,
  },
  // Work of our own database's: few at once, and each as long as its ledger.
  ledger: {
    periodMs: auditMs,
    slots: 4,
    limits: UNLIMITED,
    probeMs: 600_000,
    leaseMs: 600_000,
  },
});

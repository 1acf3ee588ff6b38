import { z } from 'zod';
import type { Actor } from './actor';
import { type Owner, PROVIDER_CODES, type ProviderCode } from './codes';
import type { Finding } from './finding';
import type { IncidentId, Instant, KeyVersion, LedgerIndex, OrganizationId, RequestId } from './ids';
import { freeText } from './intake/fields';
import { actorToken } from './message';

/** What people can say to an incident's recovery. */
export const INCIDENT_ACTIONS = ['probeNow', 'acknowledge', 'annotate'] as const;
export type IncidentAction = (typeof INCIDENT_ACTIONS)[number];

export const incidentMessages = {
  probeNow: z.strictObject({ actor: actorToken }),
  acknowledge: z.strictObject({ note: freeText(500).optional(), actor: actorToken }),
  annotate: z.strictObject({ note: freeText(2_000), actor: actorToken }),
} as const satisfies Record<IncidentAction, z.ZodType>;
export type IncidentMessage<A extends IncidentAction> = z.input<(typeof incidentMessages)[A]>;

/** What was proved before an incident was closed: every live envelope, by an unwrap and its check value. */
export interface RecoveryProof {
  readonly versions: readonly KeyVersion[];
  /** Of the connection's verification in the same probe; what isn't needed to read and write may have failed in it. */
  readonly findings: readonly Finding[];
}

export interface IncidentNote {
  readonly acknowledges: boolean;
  readonly text: string | null;
  readonly by: Actor;
  readonly at: Instant;
  readonly ledgerIndex: LedgerIndex;
}

/** An incident as it is on record. */
export interface IncidentRecord {
  readonly id: IncidentId;
  readonly organization: OrganizationId;
  /** Of the first refusal. */
  readonly code: ProviderCode;
  /** `null` until the entry of its opening is written. */
  readonly owner: Owner | null;
  /** The provider's id of the first refusal. */
  readonly requestId: RequestId | null;
  readonly firstRefusalAt: Instant;
  readonly lastRefusalAt: Instant;
  /** Content operations that were refused. */
  readonly refusals: number;
  /** Probes of ours that were refused. */
  readonly probes: number;
  /** When its recovery was first started; `null`: not yet. */
  readonly detectedAt: Instant | null;
  /** An operation was answered again, and none refused since. */
  readonly answeredAt: Instant | null;
  readonly closedAt: Instant | null;
  readonly proof: RecoveryProof | null;
  readonly openedIndex: LedgerIndex | null;
  readonly closedIndex: LedgerIndex | null;
  readonly notes: readonly IncidentNote[];
}

/** A single failed probe may be a stumble of one connection; two in a row, or one operation, are service impact. */
const PROBES_OF_IMPACT = 2;

/** Whether it is felt: operations were refused, or the unwrap probe has failed twice. Only then people are told. */
export const hasServiceImpact = ({
  refusals,
  probes,
}: Pick<IncidentRecord, 'refusals' | 'probes'>): boolean => refusals > 0 || probes >= PROBES_OF_IMPACT;

/** Whether a failed check keeps reads or writes from working. */
export const isBlocking = (finding: Finding): boolean =>
  finding.result === 'failed' && PROVIDER_CODES[finding.code].effect === 'unreadable';

/** Milliseconds between two probes of a recovery, the `nth` (from 0) having failed: 10 s → 60 s → 5 min, for ever. */
export const probeDelayMs = (nth: number): number => PROBE_DELAYS_MS[nth] ?? LONGEST_DELAY_MS;
const LONGEST_DELAY_MS = 300_000;
const PROBE_DELAYS_MS = [10_000, 10_000, 10_000, 60_000, 60_000, 60_000];

/** From the first refusal, in milliseconds; `null`: not yet. */
export function timesOf({ firstRefusalAt, detectedAt, closedAt }: IncidentRecord) {
  const since = (instant: Instant | null) =>
    instant === null ? null : Date.parse(instant) - Date.parse(firstRefusalAt);
  return { timeToDetectMs: since(detectedAt), timeToRecoverMs: since(closedAt) };
}

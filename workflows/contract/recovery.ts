import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { Owner, ProviderCode } from '../../domain/codes';
import type { IncidentId, Instant, OrganizationName, Sha256Hex } from '../../domain/ids';
import type { IncidentAction, IncidentMessage } from '../../domain/incident';

/** By the relay: something was refused (again), or was answered, and the database knows more. */
export const recoverySignals = {
  refused: defineSignal('refused'),
  answered: defineSignal('answered'),
} as const;

/** What an update of a recovery answers with. */
export interface IncidentAcknowledgement {
  readonly incident: IncidentId;
  readonly action: IncidentAction;
  /** Of the message that was answered. */
  readonly payloadDigest: Sha256Hex;
}

export const recoveryUpdates = {
  probeNow: defineUpdate<IncidentAcknowledgement, [IncidentMessage<'probeNow'>]>('probeNow'),
  acknowledge: defineUpdate<IncidentAcknowledgement, [IncidentMessage<'acknowledge'>]>('acknowledge'),
  annotate: defineUpdate<IncidentAcknowledgement, [IncidentMessage<'annotate'>]>('annotate'),
} as const;

/** What a running recovery says of itself; customers are answered from the database. */
export interface RecoveryStatus {
  readonly organization: OrganizationName;
  readonly incident: IncidentId | null;
  readonly code: ProviderCode | null;
  readonly owner: Owner | null;
  /** Probes of this run. */
  readonly probes: number;
  /** What the last one was refused with. */
  readonly lastRefused: { readonly code: ProviderCode; readonly owner: Owner; readonly at: Instant } | null;
  readonly nextProbeAt: Instant | null;
  readonly acknowledged: boolean;
}

export const recoveryStatusQuery = defineQuery<RecoveryStatus>('status');

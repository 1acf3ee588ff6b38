import type { Code } from '../../domain/codes';
import type { ProviderName } from '../../domain/custody';
import type { Finding } from '../../domain/finding';
import type {
  ConnectionId,
  DryRunId,
  Instant,
  OperationId,
  OrganizationName,
  Sha256Hex,
} from '../../domain/ids';
import type { Action, Awaited, OperationStage } from '../../domain/stages';

/** The steps of going live, in their order: what `step` names from launchLive on. No operation takes all of them. */
export const LIVE_STEPS = [
  'lock',
  'stage',
  'mint',
  'switch',
  'fence',
  'disable-platform-key',
  'prove-platform-refuses',
  'record-sealed',
  'erase-platform-envelopes',
  'schedule-platform-key-deletion',
  'enter-live',
  'erase-former-envelopes',
  'clear-findings',
] as const;
export type LiveStep = (typeof LIVE_STEPS)[number];

/**
 * What a running operation says of itself, of those that people approve: for the Temporal UI and for tests. Customers are answered from the
 * database, which still knows after this run is gone.
 */
export interface OperationStatus {
  readonly organization: OrganizationName | null;
  readonly operationId: OperationId | null;
  /** `null` until the operation is claimed. */
  readonly stage: OperationStage | null;
  readonly step: LiveStep | null;
  readonly awaiting: { readonly who: Awaited; readonly what: string; readonly since: Instant } | null;
  readonly allowedActions: readonly Action[];
  readonly connectionId: ConnectionId | null;
  readonly provider: ProviderName | null;
  readonly findings: readonly Finding[];
  readonly dryRun: {
    readonly dryRunId: DryRunId;
    readonly planDigest: Sha256Hex | null;
    readonly blockers: readonly Code[];
    readonly expiresAt: Instant | null;
  } | null;
  /** The last thing that was refused or failed, in our words. */
  readonly trouble: { readonly code: Code; readonly text: string; readonly at: Instant } | null;
}

/** The steps of a rotation that has taken the lock, in their order. */
export const ROTATION_STEPS = ['wrap', 'mint', 'switch', 'fence', 'erase'] as const;
export type RotationStep = (typeof ROTATION_STEPS)[number];

/** What a running rotation says of itself: as above. Nobody is awaited. */
export interface RotationStatus {
  readonly organization: OrganizationName;
  readonly operationId: OperationId | null;
  /** `null` until the operation is claimed. */
  readonly stage: OperationStage | null;
  readonly step: RotationStep | null;
  readonly findings: readonly Finding[];
  readonly trouble: { readonly code: Code; readonly text: string; readonly at: Instant } | null;
}

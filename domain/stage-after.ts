import type { OperationChange } from './change';
import { type Code, isProviderCode } from './codes';
import type { OperationKind } from './custody';
import { isClean } from './finding';
import type { OperationStage, Outcome } from './stages';

/**
 * Where an operation stands after a change, by what its ledger entry says: so the ledger alone tells where each operation
 * stood, and a restored database can be brought to it. `commit` lets nothing else in.
 */
export function stageAfter(
  change: OperationChange,
  { kind, stage }: { readonly kind: OperationKind; readonly stage: OperationStage },
): OperationStage {
  switch (change.type) {
    case 'organization-created':
    case 'operation-opened':
    case 'operation-claimed':
    case 'verification-repeated':
    case 'verification-impeded':
      return stage;
    case 'entitlement-confirmed':
      return 'setup';
    case 'connection-submitted':
      return 'verification';
    case 'verification-recorded':
      return kind !== 'rotate' && isClean(change.findings) && change.keyRef !== null
        ? 'dry-run'
        : 'verification';
    case 'dry-run-recorded':
      return 'dry-run';
    case 'dry-run-reviewed':
      return 'approval';
    case 'approval-accepted':
      // An offboarding waits for the operator's, which comes last.
      return change.decision === 'approve' && kind !== 'offboard' ? 'live' : 'approval';
    case 'operator-approved':
      return 'live';
    case 'plan-invalidated':
      // What a key service refused is mended by a verification.
      return stage === 'live' && isProviderCode(change.reason) ? 'verification' : 'dry-run';
    case 'platform-key-created':
    case 'live-launched':
    case 'envelope-staged':
    case 'rotation-launched':
      return 'live';
    case 'custody-switched':
      return kind === 'create' ? 'closed' : 'sealing';
    case 'platform-key-disabled':
    case 'platform-key-probed':
    case 'platform-sealed':
    case 'platform-envelopes-erased':
    case 'platform-key-deletion-scheduled':
      return 'sealing';
    case 'live-entered':
      return 'handoff';
    case 'handoff-recorded':
    case 'rotation-postponed':
    case 'spare-platform-key-retired':
    case 'operation-closed':
      return 'closed';
    case 'superseded-envelopes-erased':
      // An offboarding has a handoff yet to record.
      return kind === 'offboard' ? 'handoff' : 'closed';
    default: {
      const unknown: never = change;
      throw new Error(`unknown change ${String(unknown)}`);
    }
  }
}

export interface Ending {
  readonly outcome: Outcome;
  readonly reason: Code | null;
}

/** How an operation ends with a change that leads to `closed`. */
export function endingOf(change: OperationChange): Ending {
  if (change.type === 'operation-closed') return { outcome: change.outcome, reason: change.reason };
  if (change.type === 'rotation-postponed') return { outcome: 'refused', reason: 'OPERATION_LOCKED' };
  return { outcome: 'completed', reason: null };
}

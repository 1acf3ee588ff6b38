import type { Actor } from '../domain/actor';
import type { ApproverKey } from '../domain/approval';
import type { ChangeOf } from '../domain/change';
import type { Code } from '../domain/codes';
import type { EnvelopeRecord, OperationKind } from '../domain/custody';
import type {
  ConnectionId,
  DryRunId,
  Epoch,
  Instant,
  KeyRef,
  LedgerIndex,
  OperationId,
  OrganizationId,
  OrganizationName,
  Sha256Hex,
} from '../domain/ids';
import type { Plan, PlanFacts } from '../domain/plan';
import type { RotationAsk } from '../domain/rotation';
import type { OperationStage, Outcome } from '../domain/stages';

/**
 * What a switch is judged by, locked against change until the transaction ends. The store has recomputed the plan
 * from these facts and found the same digest, not expired; signatures are the guard's to verify.
 */
export interface LockedFacts {
  readonly planFacts: PlanFacts;
  readonly plan: Plan;
  readonly planDigest: Sha256Hex;
  /** `null`: the plan goes by none. */
  readonly orderJws: string | null;
  readonly approval: { readonly evidence: string; readonly credentialId: string } | null;
  readonly approverKeys: readonly ApproverKey[];
  /** Our API's word for the operator's approval of an offboarding. */
  readonly operatorApproval: string | null;
  /** The platform key that an offboarding has made for itself. */
  readonly newPlatformKey: KeyRef | null;
  readonly staged: readonly EnvelopeRecord[];
  /** What reads and writes go by until the switch. */
  readonly inUse: { readonly custodyStatement: string; readonly live: readonly EnvelopeRecord[] };
  /** Database time. */
  readonly now: Instant;
}

export interface OperationRecord {
  readonly id: OperationId;
  readonly organization: OrganizationId;
  readonly kind: OperationKind;
  readonly epoch: Epoch;
  readonly stage: OperationStage;
  readonly holdsLock: boolean;
  readonly connectionId: ConnectionId | null;
  /** The dry-run that is current: launched last, not invalidated by a newer connection or verification. */
  readonly dryRunId: DryRunId | null;
  readonly planDigest: Sha256Hex | null;
  readonly reviewed: boolean;
  readonly approved: boolean;
  /** Of an offboarding: a member of staff has approved the current plan, too. */
  readonly operatorApproved: boolean;
  readonly outcome: Outcome | null;
  readonly reason: Code | null;
  readonly stageSince: Instant;
  readonly openedAt: Instant;
}
export interface ClaimRequest {
  readonly organization: OrganizationName;
  readonly kind: OperationKind;
  /** The claimant: a workflow run. The same one claiming again gets the same epoch; another one fences it out. */
  readonly claimant: string;
  /**
   * Who started it. Only a person opens an operation: `system` may take one over, and else counts as unverified. A
   * rotation that is due is opened by `system`, and by nobody who is unverified.
   */
  readonly actor: Actor;
  /** Takes this one over, or nothing: a run that goes on for another which was lost opens no operation. */
  readonly only?: OperationId;
  /** Of a rotation, if this opens it: what it is to do. */
  readonly ask?: RotationAsk;
  /** Of the actor token it was started with: it starts one claimant, for any other the actor is unverified. */
  readonly jti?: string | null;
}

export interface DryRunRecord {
  readonly dryRunId: DryRunId;
  readonly operationId: OperationId;
  readonly plan: Plan | null;
  readonly planDigest: Sha256Hex | null;
  readonly findings: ChangeOf<'dry-run-recorded'>['findings'];
  readonly blockers: readonly Code[];
  readonly computedAt: Instant;
  readonly ledgerIndex: LedgerIndex;
}

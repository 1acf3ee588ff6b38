import type { ApproverKey } from '../../domain/approval';
import type { ChangeOf, Committed } from '../../domain/change';
import type { Code } from '../../domain/codes';
import type { ConnectionInput } from '../../domain/connection';
import type { CustodyRecord, EnvelopeRecord, OperationKind } from '../../domain/custody';
import type { Finding } from '../../domain/finding';
import type {
  ConnectionId,
  DryRunId,
  Epoch,
  Instant,
  KeyRef,
  LedgerIndex,
  OperationId,
  Sha256Hex,
} from '../../domain/ids';
import type { OperationStage, Outcome } from '../../domain/stages';
import type { DryRunRecord, OrganizationRecord, RotationLaunch } from '../../store/contract';

/** An operation's row: who holds it, where it stands, and which findings and plan count. */
export interface OperationRow {
  readonly id: OperationId;
  readonly kind: OperationKind;
  readonly openedAt: Instant;
  epoch: Epoch;
  claimant: string;
  stage: OperationStage;
  stageSince: Instant;
  holdsLock: boolean;
  connectionId: ConnectionId | null;
  verification: {
    index: LedgerIndex;
    keyRef: KeyRef | null;
    clean: boolean;
    findings: readonly Finding[];
  } | null;
  dryRunId: DryRunId | null;
  outcome: Outcome | null;
  reason: Code | null;
  launched: RotationLaunch | null;
}

/** Everything one organization has, in memory. */
export interface Rows {
  readonly organization: OrganizationRecord;
  readonly ledger: { readonly entry: string; readonly bytes: Uint8Array }[];
  readonly committed: Map<string, { readonly digest: Sha256Hex; readonly committed: Committed }>;
  readonly operations: OperationRow[];
  readonly orders: { jws: string; seq: number; kind: 'order' | 'withdrawal'; orderRef: string }[];
  readonly approvers: ApproverKey[];
  readonly connections: Map<
    ConnectionId,
    { input: ConnectionInput; digest: Sha256Hex; pinned: KeyRef | null }
  >;
  readonly dryRuns: Map<DryRunId, DryRunRecord>;
  readonly reviewed: Set<DryRunId>;
  readonly approvals: ChangeOf<'approval-accepted'>[];
  readonly operatorApprovals: ChangeOf<'operator-approved'>[];
  /** In the order they were staged; `erased` ones keep their place. */
  readonly envelopes: { readonly record: EnvelopeRecord; erased: boolean }[];
  readonly statements: string[];
  readonly refusals: Map<string, { minute: Instant; count: number }>;
  /** Of actor tokens: the run one started, or what its message was refused with. */
  readonly spent: Map<string, { claimant?: string; code?: Code }>;
  platformKey: {
    keyRef: KeyRef;
    disabledAt: Instant | null;
    sealedAt: Instant | null;
    destroyedAt: Instant | null;
  } | null;
  custody: CustodyRecord | null;
  /** SHA-256 of the envelopes that custody names. */
  live: ReadonlySet<Sha256Hex>;
  handoff: Pick<ChangeOf<'handoff-recorded'>, 'contacts' | 'runbook'> | null;
  /** Rotations that nobody has asked for by name, and none has settled. */
  readonly due: ChangeOf<'rotation-due' | 'rotation-postponed'>[];
  canary: { wrapped: Uint8Array; keyRef: KeyRef } | null;
}

export const emptyRows = (organization: OrganizationRecord): Rows => ({
  organization,
  ledger: [],
  committed: new Map(),
  operations: [],
  orders: [],
  approvers: [],
  connections: new Map(),
  dryRuns: new Map(),
  reviewed: new Set(),
  approvals: [],
  operatorApprovals: [],
  envelopes: [],
  statements: [],
  refusals: new Map(),
  spent: new Map(),
  platformKey: null,
  custody: null,
  live: new Set(),
  handoff: null,
  due: [],
  canary: null,
});

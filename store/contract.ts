import type { Actor } from '../domain/actor';
import type { ApproverKey } from '../domain/approval';
import type { ChangeOf, Committed, OperationChange, UnfencedChange } from '../domain/change';
import type { Code } from '../domain/codes';
import type { Connection } from '../domain/connection';
import type { CustodyRecord, EnvelopeRecord, Fence, OperationKind, Posture } from '../domain/custody';
import type {
  DeploymentId,
  DryRunId,
  Epoch,
  Instant,
  KeyRef,
  KeyVersion,
  LedgerIndex,
  OperationId,
  OrganizationId,
  OrganizationName,
  Sha256Hex,
} from '../domain/ids';
import type { Plan, PlanFacts } from '../domain/plan';
import type { ContentRecorder, CustodyReader } from '../domain/ports/content';
import type { OperationStage, Outcome } from '../domain/stages';

/** One change and the ledger entry it leaves, in one transaction, exactly once under retries. */
export type CommitRequest = {
  /** Unique in the organization; a second commit with it returns the stored entry's bytes and changes nothing. */
  readonly idempotencyKey: string;
  readonly actor: Actor;
} & (
  | {
      readonly fence: Fence;
      readonly from: OperationStage;
      readonly to: OperationStage;
      readonly change: OperationChange;
      /** Outcome and reason where `to` is `closed`. */
      readonly closing?: { readonly outcome: Outcome; readonly reason: Code | null };
      /**
       * Called inside the transaction after everything a switch depends on was read `FOR UPDATE`; throws
       * {@link Refusal} to roll back. Demanded for `custody-switched` to customer custody.
       */
      readonly guard?: (facts: LockedFacts) => Promise<void>;
    }
  | { readonly fence: null; readonly organization: OrganizationId; readonly change: UnfencedChange }
);

/** What a switch is judged by, locked against change until the transaction ends. */
export interface LockedFacts {
  readonly planFacts: PlanFacts;
  readonly plan: Plan;
  readonly planDigest: Sha256Hex;
  readonly orderJws: string;
  readonly approval: { readonly evidence: string; readonly credentialId: string } | null;
  readonly approverKeys: readonly ApproverKey[];
  readonly staged: readonly EnvelopeRecord[];
  /** Database time. */
  readonly now: Instant;
}

export interface OrganizationRecord {
  readonly id: OrganizationId;
  readonly name: OrganizationName;
  readonly externalId: string;
  readonly createdAt: Instant;
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
  readonly outcome: Outcome | null;
  readonly reason: Code | null;
  readonly stageSince: Instant;
  readonly openedAt: Instant;
}
type ConnectionId = Connection['id'];

export interface ClaimRequest {
  readonly organization: OrganizationName;
  readonly kind: OperationKind;
  /** The claimant: a workflow run. The same one claiming again gets the same epoch; another one fences it out. */
  readonly claimant: string;
  readonly actor: Actor;
}

export interface StatusRecord {
  readonly organization: OrganizationRecord;
  readonly custody: CustodyRecord | null;
  readonly posture: Posture;
  readonly operation: OperationRecord | null;
  readonly connection: Connection | null;
  readonly platformKey: {
    readonly keyRef: KeyRef;
    readonly destroyedAt: Instant | null;
    readonly sealedAt: Instant | null;
  } | null;
  readonly incident: { readonly code: Code; readonly since: Instant; readonly refusals: number } | null;
  readonly ledgerSize: number;
  readonly handoff: Pick<ChangeOf<'handoff-recorded'>, 'contacts' | 'runbook'> | null;
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

export interface LedgerLine {
  readonly index: LedgerIndex;
  /** Canonical JSON; the leaf is exactly these UTF-8 bytes. */
  readonly entry: string;
}

/** The database, one function per query. `CustodyReader` and `ContentRecorder` are the cipher's part of it. */
export interface Store extends CustodyReader, ContentRecorder {
  /** @throws Refusal OPERATION_STALE, OPERATION_LOCKED, STAGE_MISMATCH, and whatever `guard` throws. */
  commit(request: CommitRequest): Promise<Committed>;

  /**
   * Creates the organization with its `create` operation, and ledger entries 0 (`organization-created`) and 1
   * (`operation-opened`); again with the same claimant: returns the same.
   * @throws Refusal ORGANIZATION_EXISTS
   */
  createOrganization(request: {
    name: OrganizationName;
    claimant: string;
    actor: Actor;
  }): Promise<OperationRecord>;
  /**
   * Opens the operation, or takes over the open one of that kind with the next epoch.
   * @throws Refusal ORGANIZATION_UNKNOWN, ALREADY_ACTIVE (activate under customer custody)
   */
  claim(request: ClaimRequest): Promise<OperationRecord>;
  operation(organization: OrganizationId, operationId: OperationId): Promise<OperationRecord | null>;

  organizationByName(name: OrganizationName): Promise<OrganizationRecord | null>;
  organizations(): Promise<readonly OrganizationRecord[]>;
  status(name: OrganizationName): Promise<StatusRecord | null>;

  /** Newest order or withdrawal by `seq`, as received; verified by whoever uses it. */
  latestOrder(
    organization: OrganizationId,
  ): Promise<{ jws: string; seq: number; kind: 'order' | 'withdrawal' } | null>;
  orders(organization: OrganizationId): Promise<readonly string[]>;
  approverKeys(organization: OrganizationId): Promise<readonly ApproverKey[]>;
  approvals(organization: OrganizationId): Promise<readonly string[]>;
  statements(organization: OrganizationId): Promise<readonly string[]>;
  connection(id: Connection['id']): Promise<Connection | null>;
  /** @returns the other organization that uses this role or key already, or null. */
  connectionOwner(input: Connection['input'], except: OrganizationId): Promise<OrganizationId | null>;
  dryRun(operationId: OperationId, which: DryRunId | 'current'): Promise<DryRunRecord | null>;

  /** Everything a plan is computed from, in one READ ONLY, REPEATABLE READ transaction. `null` members of setup are refusals: VERIFICATION_MISSING, ORDER_MISSING. */
  planFacts(operationId: OperationId): Promise<PlanFacts>;
  liveEnvelopes(organization: OrganizationId): Promise<readonly EnvelopeRecord[]>;
  /**
   * Envelopes under platform custody that aren't erased yet, superseded ones included: while the operation seals,
   * the platform key's refusals are proved with them, and then they are erased.
   */
  platformEnvelopes(organization: OrganizationId): Promise<readonly EnvelopeRecord[]>;
  stagedEnvelopes(operationId: OperationId): Promise<readonly EnvelopeRecord[]>;
  platformKey(
    organization: OrganizationId,
  ): Promise<{ keyRef: KeyRef; custodyStatement: string | null } | null>;
  canary(organization: OrganizationId): Promise<{ wrapped: Uint8Array; keyRef: KeyRef } | null>;

  /** Refusals of this organization, subject and minute go into one ledger entry, written when the minute is over or at once for the first. */
  recordRefusal(request: {
    organization: OrganizationId;
    subject: ChangeOf<'refusal'>['subject'];
    code: Code;
    actor: Actor;
  }): Promise<void>;

  ledgerHead(organization: OrganizationId): Promise<{ size: number; root: Uint8Array }>;
  ledgerLines(organization: OrganizationId, from: number, limit: number): Promise<readonly LedgerLine[]>;
  leafHashes(organization: OrganizationId): Promise<readonly Uint8Array[]>;
  latestCheckpoint(organization: OrganizationId): Promise<{ size: number; note: string } | null>;
  /** Signs the present head after the commits before it, and stores the note. */
  publishCheckpoint(organization: OrganizationId): Promise<string>;

  /** Database time. */
  now(): Promise<Instant>;
  /** @throws when the primary doesn't answer. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

export interface StoreOptions {
  readonly url: string;
  readonly deployment: DeploymentId;
  readonly mode: 'development' | 'production';
  readonly random: (bytes: number) => Uint8Array;
}
export type { Epoch, KeyVersion };

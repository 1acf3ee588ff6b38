import type { Actor, Role } from '../domain/actor';
import type { ApproverKey } from '../domain/approval';
import type { JsonObject } from '../domain/canonical';
import type { ChangeOf, Committed, OperationChange, UnfencedChange } from '../domain/change';
import type { Code } from '../domain/codes';
import type { Connection } from '../domain/connection';
import type { NamedReferences } from '../domain/credential-reference';
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
import type { IncidentRecord } from '../domain/incident';
import type { RefusedMaterial } from '../domain/intake/key-material';
import type { PlanFacts } from '../domain/plan';
import type { ContentRecorder, CustodyReader } from '../domain/ports/content';
import type { ReferenceRecords } from '../domain/ports/credential-references';
import type { NoticeRecords } from '../domain/ports/notices';
import type { Publication } from '../domain/ports/publication';
import type { OperationStage, Outcome } from '../domain/stages';
import type { AuditRecords } from './audit-contract';
import type { DriftStore, StandingDrift } from './drift/contract';
import type { IncidentRecords } from './incident-contract';
import type { OffboardingRecords, OperatorApproved } from './offboarding-contract';
import type { ClaimRequest, DryRunRecord, LockedFacts, OperationRecord } from './operation-contract';
import type { RotationFacts, RotationRecords } from './rotation-contract';
import type { UnexplainedRow } from './unexplained-row';

export * from './audit-contract';
export * from './drift/contract';
export type * from './incident-contract';
export type * from './offboarding-contract';
export type * from './operation-contract';
export type * from './rotation-contract';
export type { UnexplainedRow } from './unexplained-row';

/** One change and the ledger entry it leaves, in one transaction, exactly once under retries. */
export type CommitRequest = {
  /**
   * Unique in the organization; a second commit with it returns the stored entry's bytes and changes nothing, what
   * the step found out included (`store/commit/request-digest.ts`): another attempt's wrap or probe answers
   * something else, and the first one's stands.
   */
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
      /** The same for the switch of a rotation. */
      readonly rotationGuard?: (facts: RotationFacts) => Promise<void>;
    }
  | { readonly fence: null; readonly organization: OrganizationId; readonly change: UnfencedChange }
);

export interface OrganizationRecord {
  readonly id: OrganizationId;
  readonly name: OrganizationName;
  readonly externalId: string;
  readonly createdAt: Instant;
}

/** Organizations that are left out: a set of them, or a map by them. */
export type Except = Pick<ReadonlySet<OrganizationId>, 'has'>;

/** How often, and over how many milliseconds, the platform key must have refused before it counts as sealed. */
export interface SealingRule {
  readonly refusals: number;
  readonly overMs: number;
}
/** For a store that isn't told otherwise: what the configuration asks for by default. */
export const SEALING_RULE: SealingRule = { refusals: 4, overMs: 60_000 };

/** What the ledger has of it. */
export interface SealingProof extends SealingRule {
  readonly enough: boolean;
}

/** One that hasn't ended. */
export interface OpenOperation {
  readonly id: OperationId;
  readonly kind: OperationKind;
  readonly organization: { readonly id: OrganizationId; readonly name: OrganizationName };
}

export interface StatusRecord {
  readonly organization: OrganizationRecord;
  readonly custody: CustodyRecord | null;
  readonly posture: Posture;
  readonly operation: OperationRecord | null;
  /** The operator's approval of that operation's plan; `null`: there's none, or it needs none. */
  readonly operatorApproved: OperatorApproved | null;
  /** In use; before there is one, the one the open operation stands on. */
  readonly connection: Connection | null;
  /** That the open operation is to move to, where another is in use. */
  readonly newConnection: Connection | null;
  readonly platformKey: {
    readonly keyRef: KeyRef;
    readonly destroyedAt: Instant | null;
    readonly sealedAt: Instant | null;
  } | null;
  /** What probes found that stands, first found first. */
  readonly drift: readonly StandingDrift[];
  /** The open one. */
  readonly incident: IncidentRecord | null;
  readonly ledgerSize: number;
  readonly handoff: Pick<ChangeOf<'handoff-recorded'>, 'contacts' | 'runbook'> | null;
}

export interface LedgerLine {
  readonly index: LedgerIndex;
  /** Canonical JSON; the leaf is exactly these UTF-8 bytes. */
  readonly entry: string;
}

/** Who an API token speaks for; `organization` is `null` for the operator's own people. */
export interface TokenRecord {
  readonly role: Role;
  readonly name: string;
  readonly organization: OrganizationId | null;
}

/** The database, one function per query. `CustodyReader` and `ContentRecorder` are the cipher's part of it, `ReferenceRecords` the providers', `NoticeRecords` the notifier's, `DriftStore` the sweep's, `RotationRecords` the rotations', `IncidentRecords` the recoveries'. */
export interface Store
  extends CustodyReader,
    ContentRecorder,
    ReferenceRecords,
    NoticeRecords,
    DriftStore,
    RotationRecords,
    IncidentRecords,
    OffboardingRecords,
    AuditRecords {
  /**
   * @throws Refusal
   * - whose it is: ORGANIZATION_UNKNOWN, OPERATION_STALE (another epoch, or another organization's operation),
   *   STAGE_MISMATCH, OPERATION_LOCKED, IDEMPOTENCY_KEY_REUSED (something else was asked under this
   *   key; for `envelope-staged` also: this version is staged under another, see `stagedEnvelopes`)
   * - what it says: ORDER_REPLAYED, CONNECTION_IN_USE (of a clean verification or the switch: another organization
   *   has proved its access to this role or key, and uses it), VERIFICATION_MISSING, PLAN_UNKNOWN, PLAN_CHANGED,
   *   PLAN_EXPIRED, LEDGER_MISMATCH, LEDGER_BEHIND, APPROVAL_MISSING, APPROVAL_REPLAYED, APPROVAL_OTHER_PLAN, APPROVAL_KEY_UNKNOWN,
   *   APPROVAL_KEY_REMOVED, REFERENCE_EXISTS, REFERENCE_NOT_FOUND, SECOND_PERSON_NEEDED, ENDPOINT_UNKNOWN,
   *   MAINTENANCE_UNKNOWN, INPUT_INVALID (a digest that isn't of what it stands beside; too many endpoints)
   * - whatever `guard` throws.
   */
  commit(request: CommitRequest): Promise<Committed>;

  /**
   * Creates the organization with its `create` operation, and ledger entries 0 (`organization-created`) and 1
   * (`operation-opened`); again with the same claimant: returns the same. While that operation is open, another
   * claimant takes it over with the next epoch.
   * @throws Refusal ORGANIZATION_EXISTS, OPERATION_STALE (as `claim`), ACTOR_INVALID (the token has created it before)
   */
  createOrganization(request: {
    name: OrganizationName;
    claimant: string;
    actor: Actor;
    jti?: string | null;
  }): Promise<OperationRecord>;
  /**
   * Opens the operation, or takes over the open one of that kind with the next epoch.
   * @throws Refusal ORGANIZATION_UNKNOWN, ALREADY_ACTIVE (activate under customer custody), OPERATION_STALE (this
   *   claimant had it, and another has taken it over), ORGANIZATION_EXISTS (`create` that has ended), OPERATION_OPEN (another
   *   that people approve), NOT_CUSTOMER_CUSTODY and FORBIDDEN (one to be opened that isn't an activation: of what, or by whom),
   *   OPERATION_UNKNOWN (`only` isn't open)
   */
  claim(request: ClaimRequest): Promise<OperationRecord>;
  operation(organization: OrganizationId, operationId: OperationId): Promise<OperationRecord | null>;

  organizationByName(name: OrganizationName): Promise<OrganizationRecord | null>;
  organizations(): Promise<readonly OrganizationRecord[]>;
  /** By name, those of which a credential reference was ever registered. */
  organizationsWithReferences(): Promise<readonly OrganizationRecord[]>;
  /** By name, those after `after`, at most `limit`. */
  inCustomerCustody(after: OrganizationName | null, limit: number): Promise<readonly OrganizationRecord[]>;
  /** Whether the organization's ledger has an entry under this idempotency key. */
  isOnRecord(organization: OrganizationId, idempotencyKey: string): Promise<boolean>;
  status(name: OrganizationName): Promise<StatusRecord | null>;

  /**
   * The order or withdrawal that the ledger accepted last, as received; verified by whoever uses it. Its digest in a
   * plan is the SHA-256 of the JWS. Here and in the two below, what counts is what the ledger's lines say, hashed up to
   * the head that the signer holds (`store/ledger/held-ledger.ts`); a row alone is inert.
   * @throws Refusal LEDGER_MISMATCH where the order isn't on record, or the lines aren't those that were signed;
   *   LEDGER_BEHIND where signed ones are missing
   */
  latestOrder(
    organization: OrganizationId,
  ): Promise<{ jws: string; seq: number; kind: 'order' | 'withdrawal' } | null>;
  orders(organization: OrganizationId): Promise<readonly string[]>;
  approverKeys(organization: OrganizationId): Promise<readonly ApproverKey[]>;
  /** What enrolled keys signed to add or remove others (compact JWS), in the ledger's order. */
  enrolments(organization: OrganizationId): Promise<readonly string[]>;
  approvals(organization: OrganizationId): Promise<readonly string[]>;
  statements(organization: OrganizationId): Promise<readonly string[]>;
  connection(id: Connection['id']): Promise<Connection | null>;
  /** Where each registered credential reference stands, by the ledger. @throws Refusal as `latestOrder` */
  references(organization: OrganizationId): Promise<NamedReferences>;
  /**
   * Where the credentials of registrations that `references` names lie, by their ledger index.
   * @throws Refusal as `latestOrder`; LEDGER_MISMATCH too where a locator isn't what the ledger has by its digest
   */
  locators(organization: OrganizationId): Promise<ReadonlyMap<LedgerIndex, string>>;
  dryRun(operationId: OperationId, which: DryRunId | 'current'): Promise<DryRunRecord | null>;

  /**
   * Everything a plan is computed from, in one READ ONLY, REPEATABLE READ transaction.
   * @throws Refusal OPERATION_UNKNOWN, ORDER_MISSING, ORDER_WITHDRAWN, VERIFICATION_MISSING, NOT_READY (the
   *   organization has no key version yet)
   */
  planFacts(operationId: OperationId): Promise<PlanFacts>;
  liveEnvelopes(organization: OrganizationId): Promise<readonly EnvelopeRecord[]>;
  /**
   * Envelopes under platform custody that aren't erased yet, superseded ones included: while the operation seals,
   * the platform key's refusals are proved with them, and then they are erased.
   */
  platformEnvelopes(organization: OrganizationId): Promise<readonly EnvelopeRecord[]>;
  /** Not erased; after the operation's switch these are the live ones. */
  stagedEnvelopes(operationId: OperationId): Promise<readonly EnvelopeRecord[]>;
  platformKey(
    organization: OrganizationId,
  ): Promise<{ keyRef: KeyRef; custodyStatement: string | null } | null>;
  /** What a probe unwraps: wrapped under the key that the live envelopes need; before there are any, the newest. */
  canary(organization: OrganizationId): Promise<{ wrapped: Uint8Array; keyRef: KeyRef } | null>;

  /**
   * The first refusal of an organization, subject and minute is a ledger entry at once; the others of that minute
   * are counted into one more, which the next one in a later minute writes, or `flushRefusals`.
   * @throws Refusal ORGANIZATION_UNKNOWN
   */
  recordRefusal(request: {
    organization: OrganizationId;
    subject: ChangeOf<'refusal'>['subject'];
    code: Code;
    actor: Actor;
    /** Where what looked like key material was; in the entry, if this is its minute's first. */
    found?: RefusedMaterial;
    /** Of the refused message's actor token, which counts for nothing any more. */
    jti?: string | null;
  }): Promise<void>;
  /** What a message with this actor token was refused with, if one was. */
  refusedWith(organization: OrganizationId, jti: string): Promise<Code | null>;
  /** How far the platform key is proved dead: what `platform-sealed` is judged by. */
  sealingProof(organization: OrganizationId, operationId: OperationId): Promise<SealingProof>;
  /**
   * Writes what is counted of minutes that are over; of content operations that the provider refused, one entry for
   * each code. What is counted of those left out waits. @returns how many entries that made
   */
  flushRefusals(except?: Except): Promise<number>;
  /** Operations that haven't ended, the oldest first: each should have a running workflow. */
  openOperations(): Promise<readonly OpenOperation[]>;
  /**
   * Writes the `usage` entry of every organization and minute that ended before `before`; rows of those left out wait.
   * @returns how many entries that made
   */
  rollUpUsage(before: Instant, except?: Except): Promise<number>;
  /**
   * Usage rows as the `usage` entries' roots are over them: the newest whole minutes that end before `before` and have
   * at most `limit` rows together.
   */
  usageRows(
    organization: OrganizationId,
    part: { readonly before: Instant | null; readonly limit: number },
  ): Promise<readonly JsonObject[]>;

  ledgerHead(organization: OrganizationId): Promise<{ size: number; root: Uint8Array }>;
  /** The same of many at once, in one query. An organization without a ledger is missing. */
  ledgerHeads(
    organizations: readonly OrganizationId[],
  ): Promise<ReadonlyMap<OrganizationId, { size: number; root: Uint8Array }>>;
  /** Those whose present head isn't signed yet, as far as notes were stored. */
  unsignedLedgers(): Promise<readonly OrganizationId[]>;
  ledgerLines(organization: OrganizationId, from: number, limit: number): Promise<readonly LedgerLine[]>;
  leafHashes(organization: OrganizationId): Promise<readonly Uint8Array[]>;
  /** Consistency proof (RFC 6962 §2.1.2) from `size` entries to `to`; it costs what was appended since, where `size` was signed. */
  proofSince(organization: OrganizationId, size: number, to: number): Promise<readonly Uint8Array[]>;
  latestCheckpoint(organization: OrganizationId): Promise<{ size: number; note: string } | null>;
  /**
   * Signs the present head after the commits before it, and stores the note.
   * @throws Refusal LEDGER_BEHIND when the signer has seen a larger ledger
   */
  publishCheckpoint(organization: OrganizationId): Promise<string>;

  /** Who holds the token of this SHA-256; null for an unknown or revoked one. */
  tokenBySha256(sha256: Sha256Hex): Promise<TokenRecord | null>;
  /** A token that is known already stays as it is. */
  addToken(token: TokenRecord & { readonly sha256: Sha256Hex }): Promise<void>;
  revokeToken(sha256: Sha256Hex): Promise<void>;

  /** Rows the ledger doesn't explain, and entries whose row is gone: none, unless somebody went past `commit`. */
  auditRows(only?: OrganizationId): Promise<readonly UnexplainedRow[]>;

  /** Database time. */
  now(): Promise<Instant>;
  /** @throws when the primary doesn't answer. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

export interface StoreOptions {
  /** As a member of `smsk_app`, the role that the migration makes and that owns nothing. */
  readonly url: string;
  readonly deployment: DeploymentId;
  readonly mode: 'development' | 'production';
  readonly random: (bytes: number) => Uint8Array;
  /** {@link SEALING_RULE} unless it's given. */
  readonly sealing?: SealingRule;
  /** Where each signed head is published; nowhere unless it's given. */
  readonly publication?: Publication | null;
}
export type { Epoch, KeyVersion };

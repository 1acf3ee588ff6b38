import type { ApproverKey } from './approval';
import type { Code, Owner, ProviderCode } from './codes';
import type { ConnectionInput } from './connection';
import type { OperationKind, ProviderName } from './custody';
import type { Aspect, Drift } from './drift';
import type { Finding } from './finding';
import type {
  ConnectionId,
  DryRunId,
  IncidentId,
  Instant,
  KeyRef,
  KeyVersion,
  LedgerIndex,
  OperationId,
  OrganizationId,
  OrganizationName,
  RequestId,
  Sha256Hex,
} from './ids';
import type { RecoveryProof } from './incident';
import type { RefusedMaterial } from './intake/key-material';
import type { IntakeChange } from './intake-change';
import type { NoticeChange } from './notice-change';
import type { OffboardingChange } from './offboarding-change';
import type { Plan } from './plan';
import type { RotationAsk, RotationCause } from './rotation';
import type { RotationChange } from './rotation-change';
import type { OperationStage, Outcome } from './stages';

/**
 * Everything that can happen to an organization, one variant each. A change is both the rows it writes
 * (`store/commit`) and the ledger entry it leaves (`domain/ledger-entry.ts`): there's no row without its entry.
 * Bytes (wrapped keys) are only ever ciphertext.
 */
export type Change = UnfencedChange | OperationChange;

/** Changes that belong to no operation: they move no custody. */
export type UnfencedChange =
  | NoticeChange
  | IntakeChange
  | {
      type: 'order-accepted';
      jws: string;
      orderRef: string;
      jti: string;
      seq: number;
      kind: 'order' | 'withdrawal';
      exp: Instant;
    }
  | {
      type: 'approver-enrolled';
      key: ApproverKey;
      by: { kind: 'order'; orderRef: string } | { kind: 'approver'; credentialId: string };
    }
  | {
      type: 'approver-removed';
      credentialId: string;
      by: { kind: 'approver'; credentialId: string };
      /** Signed word of the enrolled key that removed it (compact JWS). */
      enrolment: string;
    }
  | {
      type: 'refusal';
      subject: RefusalSubject;
      code: Code;
      minute: Instant;
      count: number;
      /** Of the first one: where what looked like key material was, and nothing of it. */
      found?: RefusedMaterial;
    }
  /**
   * A member of staff registered where a customer's credential for one key lies, and who it makes us. It counts once
   * another one has confirmed it (`domain/credential-reference.ts`).
   */
  | {
      type: 'reference-registered';
      name: string;
      provider: ProviderName;
      key: string;
      identity: string;
      locator: string;
      notAfter: Instant;
      /** Ledger index of the last entry about the name before this one. */
      after: LedgerIndex | null;
      /** Our API's signed word who registered it (compact JWS). */
      proof: string;
    }
  | { type: 'reference-confirmed'; name: string; registration: LedgerIndex; proof: string }
  | { type: 'reference-withdrawn'; name: string }
  /** A rotation is wanted that nobody has asked for by name: the sweep starts it. */
  | { type: 'rotation-due'; cause: RotationCause; newKeyVersion: boolean }
  /** The provider refused an operation or a probe, the first time since it last answered. `owner`: who can mend it. */
  | {
      type: 'incident-opened';
      incident: IncidentId;
      code: ProviderCode;
      owner: Owner;
      requestId: RequestId | null;
      firstRefusalAt: Instant;
    }
  /**
   * It was proved that reads and writes work again, and nothing has been refused for a minute since: the evidence in
   * summary. `detectedAt`: when its recovery was started.
   */
  | {
      type: 'incident-closed';
      incident: IncidentId;
      code: ProviderCode;
      owner: Owner;
      firstRefusalAt: Instant;
      lastRefusalAt: Instant;
      detectedAt: Instant | null;
      answeredAt: Instant | null;
      closedAt: Instant;
      refusals: number;
      probes: number;
      proved: RecoveryProof;
    }
  /** Somebody has taken it on; it changes nothing else. */
  | { type: 'incident-acknowledged'; incident: IncidentId; note: string | null }
  | { type: 'incident-annotated'; incident: IncidentId; note: string }
  /** Our own people were told that an order ends or has ended; `taken`: how many mails were. It changes nothing. */
  | {
      type: 'entitlement-told';
      state: 'ending' | 'ended' | 'withdrawn';
      orderRef: string;
      seq: number;
      at: Instant;
      taken: number;
    }
  /** A probe found something that stands until a later one finds it gone; never one for each probe. */
  | ({ type: 'drift-found'; aspect: Aspect } & Drift)
  | { type: 'drift-cleared'; aspect: Aspect; code: ProviderCode; found: LedgerIndex }
  | { type: 'usage'; minute: Instant; calls: number; operations: number; root: Sha256Hex };

/** What a refused thing was about; refusal entries are capped at one per organization, subject and minute. */
export type RefusalSubject =
  | 'order'
  | 'entitlement'
  | 'connection'
  | 'verification'
  | 'dry-run'
  | 'approval'
  | 'live'
  | 'rotation'
  | 'offboarding'
  | 'reference'
  | 'actor'
  | 'incident'
  | 'content'
  | 'notice'
  | 'maintenance'
  /** A payload that was refused unread. */
  | 'intake';

/** Changes made by an operation: `store.commit` demands its fence. */
export type OperationChange =
  | {
      type: 'organization-created';
      id: OrganizationId;
      name: OrganizationName;
      externalId: string;
      deployment: string;
      mode: 'development' | 'production';
    }
  /** `ask`: of a rotation, what it was opened to do. */
  | { type: 'operation-opened'; kind: OperationKind; ask?: RotationAsk }
  | { type: 'operation-claimed'; kind: OperationKind }
  | { type: 'platform-key-created'; keyRef: KeyRef }
  | { type: 'entitlement-confirmed'; orderRef: string; orderDigest: Sha256Hex }
  | { type: 'connection-submitted'; connectionId: ConnectionId; input: ConnectionInput; digest: Sha256Hex }
  | {
      type: 'verification-recorded';
      connectionId: ConnectionId;
      findings: readonly Finding[];
      keyRef: KeyRef | null;
      canary: { wrapped: Uint8Array; keyRef: KeyRef } | null;
    }
  /**
   * Somebody without our word for who it is had the connection probed again, and found what was known: clean, and
   * the same key. On record, and nothing else: a plan isn't voided by whoever can ask for a verification.
   */
  | {
      type: 'verification-repeated';
      connectionId: ConnectionId;
      findings: readonly Finding[];
      keyRef: KeyRef;
    }
  /**
   * A verification, or a dry-run's, came to no finding for trouble that says nothing about the customer's set-up: the
   * provider's or ours; `INTERNAL`: our worker didn't answer.
   */
  | {
      type: 'verification-impeded';
      connectionId: ConnectionId;
      code: ProviderCode | 'INTERNAL';
      owner: Owner;
      requestId: RequestId | null;
    }
  | {
      type: 'dry-run-recorded';
      dryRunId: DryRunId;
      plan: Plan | null;
      planDigest: Sha256Hex | null;
      findings: readonly Finding[];
      blockers: readonly Code[];
    }
  | { type: 'dry-run-reviewed'; dryRunId: DryRunId; planDigest: Sha256Hex; note: string | null }
  | {
      type: 'approval-accepted';
      planDigest: Sha256Hex;
      dryRunId: DryRunId;
      decision: 'approve' | 'reject';
      credentialId: string;
      nonce: string;
      exp: Instant;
      evidence: string;
      evidenceSha256: Sha256Hex;
    }
  | { type: 'live-launched'; planDigest: Sha256Hex }
  /**
   * The plan won't be carried out: expired, overtaken by a change, or refused by the customer's key while it was
   * staged. Review and approval of it are void, what it staged is erased, the lock is released.
   */
  | { type: 'plan-invalidated'; planDigest: Sha256Hex; reason: Code }
  | {
      type: 'envelope-staged';
      version: KeyVersion;
      custody: 'platform' | 'customer';
      connectionId: ConnectionId | null;
      wrapped: Uint8Array;
      wrappedSha256: Sha256Hex;
      keyRef: KeyRef;
      checkValue: Sha256Hex;
      minted: boolean;
    }
  | {
      type: 'custody-switched';
      custody: 'platform' | 'customer';
      planDigest: Sha256Hex | null;
      currentVersion: KeyVersion;
    }
  | RotationChange
  | OffboardingChange
  | { type: 'platform-key-disabled'; keyRef: KeyRef }
  /**
   * One unwrap of the `nth` try with the disabled platform key, on a connection of its own, and whether the provider
   * refused it: written by the process that asked, and counted by the store before it lets anything be sealed.
   */
  | {
      type: 'platform-key-probed';
      keyRef: KeyRef;
      nth: number;
      refused: boolean;
      requestId: RequestId | null;
    }
  | { type: 'platform-sealed'; keyRef: KeyRef }
  | {
      type: 'platform-envelopes-erased';
      envelopes: readonly { version: KeyVersion; wrappedSha256: Sha256Hex }[];
    }
  | { type: 'platform-key-deletion-scheduled'; keyRef: KeyRef; destroyedAt: Instant }
  | { type: 'live-entered'; currentVersion: KeyVersion }
  | { type: 'handoff-recorded'; contacts: readonly HandoffContact[]; runbook: readonly string[] }
  | { type: 'operation-closed'; outcome: Outcome; reason: Code | null };

export interface HandoffContact {
  readonly name: string;
  readonly email: string;
  readonly duty: 'escalation' | 'security' | 'key-owner';
}

export type ChangeType = Change['type'];
export type ChangeOf<T extends ChangeType> = Extract<Change, { type: T }>;

/** From which stages to which stages a change may move its operation; the store refuses any other. */
export const MOVES: Readonly<
  Record<OperationChange['type'], readonly (readonly [OperationStage, OperationStage])[]>
> = {
  'organization-created': [['entitlement', 'entitlement']],
  'operation-opened': [['entitlement', 'entitlement']],
  'operation-claimed': [],
  'platform-key-created': [
    ['entitlement', 'live'],
    ['live', 'live'],
  ],
  'entitlement-confirmed': [['entitlement', 'setup']],
  'connection-submitted': [
    ['setup', 'verification'],
    ['verification', 'verification'],
    ['dry-run', 'verification'],
    ['approval', 'verification'],
    ['live', 'verification'],
  ],
  'verification-recorded': [
    ['verification', 'verification'],
    ['verification', 'dry-run'],
    ['dry-run', 'verification'],
    ['dry-run', 'dry-run'],
    ['approval', 'verification'],
    ['approval', 'dry-run'],
    ['live', 'verification'],
    ['live', 'dry-run'],
  ],
  'verification-repeated': [
    ['dry-run', 'dry-run'],
    ['approval', 'approval'],
    ['live', 'live'],
  ],
  'verification-impeded': [
    ['verification', 'verification'],
    ['dry-run', 'dry-run'],
    ['approval', 'approval'],
    ['live', 'live'],
  ],
  'dry-run-recorded': [
    ['dry-run', 'dry-run'],
    ['approval', 'dry-run'],
    ['live', 'dry-run'],
  ],
  'dry-run-reviewed': [['dry-run', 'approval']],
  'approval-accepted': [
    ['approval', 'live'],
    ['approval', 'approval'],
  ],
  'operator-approved': [['approval', 'live']],
  'live-launched': [['live', 'live']],
  'plan-invalidated': [
    ['dry-run', 'dry-run'],
    ['approval', 'dry-run'],
    ['live', 'dry-run'],
    ['live', 'verification'],
  ],
  'envelope-staged': [['live', 'live']],
  'custody-switched': [
    ['live', 'sealing'],
    ['live', 'closed'],
  ],
  'rotation-launched': [['verification', 'live']],
  'rotation-postponed': [['verification', 'closed']],
  'superseded-envelopes-erased': [
    ['sealing', 'closed'],
    ['sealing', 'handoff'],
  ],
  'spare-platform-key-retired': [['closed', 'closed']],
  'platform-key-disabled': [['sealing', 'sealing']],
  'platform-key-probed': [['sealing', 'sealing']],
  'platform-sealed': [['sealing', 'sealing']],
  'platform-envelopes-erased': [['sealing', 'sealing']],
  'platform-key-deletion-scheduled': [['sealing', 'sealing']],
  'live-entered': [['sealing', 'handoff']],
  'handoff-recorded': [['handoff', 'closed']],
  'operation-closed': [
    ['entitlement', 'closed'],
    ['setup', 'closed'],
    ['verification', 'closed'],
    ['dry-run', 'closed'],
    ['approval', 'closed'],
    ['live', 'closed'],
  ],
};

/** Changes that only operations of some kinds make, though others may stand at the same stage. */
export const MADE_BY: Readonly<Partial<Record<OperationChange['type'], readonly OperationKind[]>>> = {
  // The others go by the connection in use, and need no order.
  'entitlement-confirmed': ['activate', 'change-connection'],
  'connection-submitted': ['activate', 'change-connection'],
  'platform-key-created': ['create', 'offboard'],
  'rotation-launched': ['rotate'],
  'rotation-postponed': ['rotate'],
  'superseded-envelopes-erased': ['rotate', 'change-connection', 'offboard'],
  'operator-approved': ['offboard'],
  'spare-platform-key-retired': ['offboard'],
  'platform-key-disabled': ['activate'],
  'platform-key-probed': ['activate'],
  'platform-sealed': ['activate'],
  'platform-envelopes-erased': ['activate'],
  'platform-key-deletion-scheduled': ['activate'],
  'live-entered': ['activate'],
};

/** Whether an operation of this kind makes this change. */
export const isMadeBy = (type: OperationChange['type'], kind: OperationKind): boolean =>
  MADE_BY[type]?.includes(kind) ?? true;

/** A committed change: where its entry stands, and whether this call wrote it or found it written. */
export interface Committed {
  readonly index: LedgerIndex;
  readonly entry: string;
  readonly at: Instant;
  readonly replayed: boolean;
  readonly operationId: OperationId | null;
}

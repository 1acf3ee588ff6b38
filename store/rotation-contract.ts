import type { ChangeOf } from '../domain/change';
import type { EnvelopeRecord } from '../domain/custody';
import type {
  Instant,
  KeyRef,
  KeyVersion,
  LedgerIndex,
  OperationId,
  OrganizationId,
  OrganizationName,
} from '../domain/ids';
import type { RotationAsk, RotationCause, RotationRule } from '../domain/rotation';
import type { OperationRecord, OrganizationRecord } from './contract';

/** What the switch of a rotation is judged by, locked as above. The rows agree with each other; signatures are the guard's. */
export interface RotationFacts {
  readonly launched: RotationLaunch;
  readonly custodyStatement: string;
  readonly live: readonly EnvelopeRecord[];
  readonly staged: readonly EnvelopeRecord[];
}

export type RotationLaunch = Omit<ChangeOf<'rotation-launched'>, 'type'>;

/** A rotation, by its ledger entries and its own verification. */
export interface RotationRecord {
  readonly ask: RotationAsk;
  readonly verification: {
    readonly findings: ChangeOf<'verification-recorded'>['findings'];
    readonly keyRef: KeyRef | null;
    readonly clean: boolean;
  } | null;
  readonly launched: RotationLaunch | null;
}

/** An organization whose keys should be rotated. */
export interface DueRotation {
  readonly organization: Pick<OrganizationRecord, 'id' | 'name'>;
  readonly cause: RotationCause;
  readonly newKeyVersion: boolean;
}

/** One version of the customer's key, and whether anything of ours needs it. */
export interface KeyRefRecord {
  readonly keyRef: KeyRef;
  /** Workspace key versions whose live envelope it unwraps. */
  readonly live: readonly KeyVersion[];
  /** The entry since which nothing live needs it, and until when a backup of ours may; `null`: something does. */
  readonly retired: {
    readonly index: LedgerIndex;
    readonly at: Instant;
    readonly backupsExpireAt: Instant;
  } | null;
}

/** What people are told of an organization's rotations. */
export interface KeysRecord {
  /** The open one, else the newest. */
  readonly rotation: OperationRecord | null;
  /** Waiting for the sweep. */
  readonly due: RotationCause | null;
  /** In the order in which they came into use. */
  readonly keyRefs: readonly KeyRefRecord[];
}

/** The store's part in rotations. */
export interface RotationRecords {
  /**
   * Under the customer's key, not erased, and named by custody no more: what a rotation has superseded, lowest version
   * first.
   */
  supersededEnvelopes(organization: OrganizationId): Promise<readonly EnvelopeRecord[]>;
  /** @throws Refusal OPERATION_UNKNOWN where it isn't one */
  rotation(organization: OrganizationId, operationId: OperationId): Promise<RotationRecord>;
  /**
   * Organizations in customer custody whose keys should be rotated now: it was postponed or noticed
   * (`rotation-due`, or a newer version of the key by the sweep), the workspace key is older or more used than `rule` allows. Not those
   * where a rotation is open or another operation holds the lock, nor for an hour after a rotation was refused.
   * @param only asks about one organization
   */
  rotationsDue(rule: RotationRule, only?: OrganizationName): Promise<readonly DueRotation[]>;
  keys(organization: OrganizationId): Promise<KeysRecord>;
}

import type { ProviderCode } from '../codes';
import type { Connection } from '../connection';
import type { CustodyRecord, EnvelopeRecord } from '../custody';
import type { KeyRef, KeyVersion, OrganizationId, RequestId } from '../ids';

/** Everything one group needs, from one read of the primary database: nothing of it outlives the group. */
export interface CustodySnapshot {
  readonly custody: CustodyRecord;
  /** Live envelopes of the asked versions; a version that doesn't exist is absent. */
  readonly envelopes: readonly EnvelopeRecord[];
  /** `null` under platform custody. */
  readonly connection: Connection | null;
  /** The signed platform-sealed statement, once there is one. */
  readonly sealed: string | null;
  /** The signed offboarded statement of the last return to platform custody; `null` before the first. */
  readonly offboarded: string | null;
}

export interface CustodyReader {
  /** @param versions the key versions asked for; `current` stands for the current one. */
  snapshot(
    organization: OrganizationId,
    versions: readonly (KeyVersion | 'current')[],
  ): Promise<CustodySnapshot>;
}

/**
 * One provider call and the operations it served: written before any plaintext is released. Each request id that
 * the provider answered has its own record, also those of attempts that were refused or repeated, which served
 * nothing: so the customer's log and ours can be compared id by id.
 */
export interface UsageRecord {
  readonly organization: OrganizationId;
  readonly keyRef: KeyRef;
  readonly requestId: RequestId | null;
  /** `custody`: a call that puts a workspace key under another key. `verification`: a probe. */
  readonly purpose: 'encrypt' | 'decrypt' | 'mixed' | 'custody' | 'verification';
  readonly operations: number;
}

export interface ContentRecorder {
  /** All or none. */
  usage(records: readonly UsageRecord[]): Promise<void>;
  /**
   * A provider refused: opens the organization's incident through the outbox unless one is open, and counts it. Never
   * blocks on Temporal nor on the ledger, whose entries are written from the outbox within the minute.
   */
  refused(organization: OrganizationId, code: ProviderCode, requestId: RequestId | null): Promise<void>;
  /** The first success after a refusal: a reason for the open incident's recovery to look at once. */
  answered(organization: OrganizationId): Promise<void>;
}

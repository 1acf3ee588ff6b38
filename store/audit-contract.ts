import type { EndpointId, Instant, LedgerIndex, OrganizationId } from '../domain/ids';
import type { StatementVerifier } from '../domain/ports/authority';
import type { LedgerText } from '../domain/ports/publication';
import type { PublishedLedger } from '../ledger/published-ledger';

/** A statement, and the line of the entry that it stands beside; `null`: there is none. */
export interface SignedStatement {
  readonly index: LedgerIndex;
  readonly kind: string;
  readonly jws: string;
  readonly entry: string | null;
}

/** Which head an endpoint was sent last, and when. */
export interface CheckpointPush {
  readonly size: number;
  readonly at: Instant;
}

/** What an audit of a ledger asks beside its lines. */
export interface AuditRecords {
  /** What the entries from `from` up to, not including, `to` have by digest only. */
  ledgerTexts(organization: OrganizationId, from: number, to: number): Promise<readonly LedgerText[]>;
  /** From the entry `from` on. */
  signedStatements(organization: OrganizationId, from: number): Promise<readonly SignedStatement[]>;
  /**
   * Brings an organization's ledger, and every row that it explains, to what was published: all of it, or nothing.
   * @throws NotRestorable
   */
  restoreLedger(published: PublishedLedger, statements: StatementVerifier): Promise<void>;
  /** The first row that would pass for an entry past the ledger's end: none, unless somebody went past `commit`. */
  entryBeyondHead(organization: OrganizationId): Promise<LedgerIndex | null>;
  /** Of the endpoints that were sent one. Not in the ledger: an entry for each push would make the next one. */
  checkpointPushes(organization: OrganizationId): Promise<ReadonlyMap<EndpointId, CheckpointPush>>;
  recordCheckpointPush(
    organization: OrganizationId,
    endpoint: EndpointId,
    push: CheckpointPush,
  ): Promise<void>;
}

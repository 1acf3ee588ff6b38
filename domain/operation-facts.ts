import type { Actor } from './actor';
import type { Code } from './codes';
import type { Instant, LedgerIndex, OperationId, OrganizationId, OrganizationName } from './ids';
import type { Outcome } from './stages';

/** Operations that people are told of: they move what an arrangement in force rests on. */
export const TOLD_KINDS = ['change-connection', 'offboard'] as const;
export type ToldKind = (typeof TOLD_KINDS)[number];

/** An operation as people are told of it: what its ledger entries say. */
export interface OperationFacts {
  readonly id: OperationId;
  readonly kind: ToldKind;
  readonly organization: { readonly id: OrganizationId; readonly name: OrganizationName };
  /** Who asked for it: the role, and no name. */
  readonly startedBy: Actor['kind'];
  readonly openedAt: Instant;
  /** `completed` once custody has moved and the former key has nothing left to open. */
  readonly end: {
    readonly outcome: Outcome;
    /** Of one that was refused. */
    readonly reason: Code | null;
    readonly at: Instant;
    readonly index: LedgerIndex;
  } | null;
  /** Of the entry that opened it. */
  readonly openedIndex: LedgerIndex;
}

/** An operation that there may be something to tell of. */
export interface OperationToTell {
  readonly id: OperationId;
  readonly organization: OrganizationName;
  readonly isEnded: boolean;
}

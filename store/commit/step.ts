import type { Actor } from '../../domain/actor';
import type { OperationChange } from '../../domain/change';
import type { Fence, OperationKind } from '../../domain/custody';
import type {
  ConnectionId,
  DeploymentId,
  DryRunId,
  Instant,
  LedgerIndex,
  OrganizationId,
} from '../../domain/ids';
import type { Signer } from '../../domain/ports/signer';
import type { OperationStage } from '../../domain/stages';
import type { Operation, Prisma } from '../../generated/prisma/client';
import type { LockedFacts, RotationFacts, SealingRule } from '../contract';
import type { Queries } from '../database';
import type { Said } from '../ledger/said';

/** What a change's rows are written with: the transaction, and where its entry stands. */
export interface Step {
  readonly tx: Queries;
  readonly organization: OrganizationId;
  readonly index: LedgerIndex;
  readonly at: Instant;
  /** What the ledger says of orders, approval keys and references before this entry. */
  readonly said: () => Promise<Said>;
}

/** The same for a change that belongs to no operation, with whoever makes it. */
export interface UnfencedStep extends Step {
  readonly actor: Actor;
}

/** The same for a change that an operation makes: its row is locked and its fence has been checked. */
export interface OperationStep extends Step {
  readonly fence: Fence;
  readonly operation: LockedOperation;
  readonly to: OperationStage;
  readonly deployment: DeploymentId;
  readonly signer: Pick<Signer, 'signStatement'>;
  readonly sealing: SealingRule;
  readonly guard: Guard | undefined;
  readonly rotationGuard: ((facts: RotationFacts) => Promise<void>) | undefined;
}

/** Judges a switch by what is locked; throws Refusal to roll it back. */
export type Guard = (facts: LockedFacts) => Promise<void>;

export interface LockedOperation {
  readonly kind: OperationKind;
  readonly stage: OperationStage;
  readonly holdsLock: boolean;
  readonly connectionId: ConnectionId | null;
  readonly verificationIndex: LedgerIndex | null;
  readonly dryRunId: DryRunId | null;
}

/** What a change alters in its operation's row beside the stage, which `commit` moves. */
export type OperationPatch = Partial<
  Pick<Operation, 'holdsLock' | 'connectionId' | 'verificationIndex' | 'dryRunId' | 'outcome' | 'reason'>
>;

/** Writes the rows of one type of change. Its entry is already in the ledger, at `step.index`. */
export type Apply<T extends OperationChange['type']> = (
  step: OperationStep,
  change: Extract<OperationChange, { type: T }>,
) => Promise<OperationPatch>;

export type Json = Prisma.InputJsonValue;
/** Readonly arrays of plain members are JSON; Prisma's type only knows mutable ones. */
export const json = (value: object): Json => value as Json;

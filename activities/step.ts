import { type Actor, SYSTEM } from '../domain/actor';
import type { Committed, OperationChange } from '../domain/change';
import { Refusal } from '../domain/failure';
import type { Epoch, Instant, OperationId, OrganizationId, OrganizationName } from '../domain/ids';
import type { OperationStage } from '../domain/stages';
import type { CommitRequest, OperationRecord } from '../store/contract';
import type { ActivityStore } from './deps';

/** Where a step of an operation believes it stands: the fence, and the stage. */
export interface Place {
  readonly organization: { readonly id: OrganizationId; readonly name: OrganizationName };
  readonly operationId: OperationId;
  readonly epoch: Epoch;
  /** The stage the caller believes the operation is at; the store refuses the change where it isn't. */
  readonly stage: OperationStage;
}

/** A step that nobody asks for: the operation takes it by itself. */
export interface Step extends Place {
  /** Names the step within its operation: the same key again is the same step. */
  readonly key: string;
}

/** Who sent a message, as far as it's proved. */
export interface Sender {
  readonly actor: Actor;
  /** Of the token that proves it; `null`: nothing does. */
  readonly jti: string | null;
}

/** Whose step it is, and what names it. Never part of an activity's input, which anybody may have written. */
export interface By {
  readonly actor: Actor;
  readonly name: string;
}

/** Where an operation stands: what a workflow knows of it. */
export interface Standing {
  readonly organization: Step['organization'];
  readonly operationId: OperationId;
  readonly kind: OperationRecord['kind'];
  readonly epoch: Epoch;
  readonly stage: OperationStage;
  readonly holdsLock: boolean;
  readonly connectionId: OperationRecord['connectionId'];
  readonly dryRunId: OperationRecord['dryRunId'];
  readonly planDigest: OperationRecord['planDigest'];
  readonly reviewed: boolean;
  readonly approved: boolean;
  /** Of an offboarding, by a member of staff as well. */
  readonly operatorApproved: boolean;
  readonly outcome: OperationRecord['outcome'];
  readonly reason: OperationRecord['reason'];
  readonly stageSince: Instant;
}

export function standingOf(record: OperationRecord, name: OrganizationName): Standing {
  return {
    organization: { id: record.organization, name },
    operationId: record.id,
    kind: record.kind,
    epoch: record.epoch,
    stage: record.stage,
    holdsLock: record.holdsLock,
    connectionId: record.connectionId,
    dryRunId: record.dryRunId,
    planDigest: record.planDigest,
    reviewed: record.reviewed,
    approved: record.approved,
    operatorApproved: record.operatorApproved,
    outcome: record.outcome,
    reason: record.reason,
    stageSince: record.stageSince,
  };
}

type Fenced = Extract<CommitRequest, { from: OperationStage }>;

type Extra = Pick<Fenced, 'closing' | 'guard' | 'rotationGuard'>;

/** Commits a step's change under its fence; again with the same key: returns what the first one committed. */
export function commitStep(
  store: ActivityStore,
  step: Step,
  change: OperationChange,
  to: OperationStage,
  extra: Extra = {},
): Promise<Committed> {
  return commitAs(store, step, { actor: SYSTEM, name: `system/${step.key}` }, change, to, extra);
}

/** The same for somebody's step. */
export function commitAs(
  store: ActivityStore,
  { organization, operationId, epoch, stage }: Place,
  { actor, name }: By,
  change: OperationChange,
  to: OperationStage,
  extra: Extra = {},
): Promise<Committed> {
  return store.commit({
    idempotencyKey: `${operationId}/${name}`,
    actor,
    fence: { organization: organization.id, operationId, epoch },
    from: stage,
    to,
    change,
    ...extra,
  });
}

/**
 * Where the operation stands now.
 * @throws Refusal OPERATION_STALE where another run has claimed it since.
 */
export async function standingNow(store: ActivityStore, step: Omit<Place, 'stage'>): Promise<Standing> {
  const record = await store.operation(step.organization.id, step.operationId);
  if (record === null) throw new Refusal('OPERATION_UNKNOWN');
  if (record.epoch !== step.epoch) throw new Refusal('OPERATION_STALE');
  return standingOf(record, step.organization.name);
}

/** Demanded before a provider call that can't be undone or that moves key material. */
export async function demandStage(store: ActivityStore, step: Place): Promise<Standing> {
  const standing = await standingNow(store, step);
  if (standing.stage !== step.stage) throw new Refusal('STAGE_MISMATCH');
  return standing;
}

/** The body of a committed entry: what was recorded the first time, whatever this attempt would have recorded. */
export const bodyOf = (committed: Committed): Record<string, unknown> =>
  (JSON.parse(committed.entry) as { body: Record<string, unknown> }).body;

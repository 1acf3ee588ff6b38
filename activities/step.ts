import type { Actor } from '../domain/actor';
import type { Committed, OperationChange } from '../domain/change';
import { Refusal } from '../domain/failure';
import type { Epoch, Instant, OperationId, OrganizationId, OrganizationName } from '../domain/ids';
import type { OperationStage } from '../domain/stages';
import type { CommitRequest, OperationRecord } from '../store/contract';
import type { ActivityStore } from './deps';

/** What every step of an operation says of itself: who, under which fence, from which stage. */
export interface Step {
  readonly organization: { readonly id: OrganizationId; readonly name: OrganizationName };
  readonly operationId: OperationId;
  readonly epoch: Epoch;
  /** The stage the caller believes the operation is at; the store refuses the change where it isn't. */
  readonly stage: OperationStage;
  /** Names the step within its operation: the same key again is the same step. */
  readonly key: string;
  readonly actor: Actor;
}

/** Where an operation stands: what a workflow knows of it. */
export interface Standing {
  readonly organization: Step['organization'];
  readonly operationId: OperationId;
  readonly epoch: Epoch;
  readonly stage: OperationStage;
  readonly holdsLock: boolean;
  readonly connectionId: OperationRecord['connectionId'];
  readonly dryRunId: OperationRecord['dryRunId'];
  readonly planDigest: OperationRecord['planDigest'];
  readonly reviewed: boolean;
  readonly approved: boolean;
  readonly outcome: OperationRecord['outcome'];
  readonly stageSince: Instant;
}

export function standingOf(record: OperationRecord, name: OrganizationName): Standing {
  return {
    organization: { id: record.organization, name },
    operationId: record.id,
    epoch: record.epoch,
    stage: record.stage,
    holdsLock: record.holdsLock,
    connectionId: record.connectionId,
    dryRunId: record.dryRunId,
    planDigest: record.planDigest,
    reviewed: record.reviewed,
    approved: record.approved,
    outcome: record.outcome,
    stageSince: record.stageSince,
  };
}

type Fenced = Extract<CommitRequest, { from: OperationStage }>;

/** Commits a step's change under its fence; again with the same key: returns what the first one committed. */
export function commitStep(
  store: ActivityStore,
  step: Step,
  change: OperationChange,
  to: OperationStage,
  extra: Pick<Fenced, 'closing' | 'guard'> = {},
): Promise<Committed> {
  const { organization, operationId, epoch, stage, actor } = step;
  return store.commit({
    idempotencyKey: `${operationId}/${step.key}`,
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
export async function standingNow(
  store: ActivityStore,
  step: Omit<Step, 'key' | 'stage' | 'actor'>,
): Promise<Standing> {
  const record = await store.operation(step.organization.id, step.operationId);
  if (record === null) throw new Refusal('OPERATION_UNKNOWN');
  if (record.epoch !== step.epoch) throw new Refusal('OPERATION_STALE');
  return standingOf(record, step.organization.name);
}

/** Demanded before a provider call that can't be undone or that moves key material. */
export async function demandStage(store: ActivityStore, step: Step): Promise<Standing> {
  const standing = await standingNow(store, step);
  if (standing.stage !== step.stage) throw new Refusal('STAGE_MISMATCH');
  return standing;
}

/** The body of a committed entry: what was recorded the first time, whatever this attempt would have recorded. */
export const bodyOf = (committed: Committed): Record<string, unknown> =>
  (JSON.parse(committed.entry) as { body: Record<string, unknown> }).body;

import { isMadeBy, MOVES, type OperationChange } from '../../domain/change';
import type { Fence, OperationKind } from '../../domain/custody';
import { Refusal } from '../../domain/failure';
import type { ConnectionId, DryRunId, LedgerIndex } from '../../domain/ids';
import { stageAfter } from '../../domain/stage-after';
import type { OperationStage } from '../../domain/stages';
import type { Queries } from '../database';
import type { LockedOperation } from './step';

interface Row {
  kind: string;
  epoch: number;
  stage: string;
  holds_lock: boolean;
  connection_id: string | null;
  verification_index: number | null;
  dry_run_id: string | null;
}

/**
 * Temporal schedules, the database decides (DESIGN.md §5, "Fencing"): whoever commits must be the operation's
 * last claimant and see it at the stage it's at. Locks the operation's row until the transaction ends.
 * @throws Refusal OPERATION_STALE, STAGE_MISMATCH
 */
export async function checkFence(
  tx: Queries,
  fence: Fence,
  move: { readonly change: OperationChange; readonly from: OperationStage; readonly to: OperationStage },
): Promise<LockedOperation> {
  const [row] = await tx.$queryRaw<Row[]>`
    SELECT kind, epoch, stage, holds_lock, connection_id, verification_index, dry_run_id FROM operation
    WHERE id = ${fence.operationId}::uuid AND organization_id = ${fence.organization}::uuid FOR UPDATE`;
  if (row === undefined) throw new Refusal('OPERATION_STALE', 'the organization has no such operation');
  if (row.epoch !== fence.epoch)
    throw new Refusal('OPERATION_STALE', `epoch ${fence.epoch}, not ${row.epoch}`);
  if (row.stage !== move.from) throw new Refusal('STAGE_MISMATCH', `at ${row.stage}, not ${move.from}`);
  if (!isMove(move.change.type, move.from, move.to)) {
    throw new Refusal('STAGE_MISMATCH', `${move.change.type} doesn’t move ${move.from} to ${move.to}`);
  }
  const kind = row.kind as OperationKind;
  if (stageAfter(move.change, { kind, stage: move.from }) !== move.to) {
    throw new Refusal('STAGE_MISMATCH', `this ${move.change.type} doesn’t lead to ${move.to}`);
  }
  if (!isMadeBy(move.change.type, kind)) {
    throw new Refusal('STAGE_MISMATCH', `no ${kind} makes ${move.change.type}`);
  }
  return {
    kind,
    stage: row.stage as OperationStage,
    holdsLock: row.holds_lock,
    connectionId: row.connection_id as ConnectionId | null,
    verificationIndex: row.verification_index as LedgerIndex | null,
    dryRunId: row.dry_run_id as DryRunId | null,
  };
}

function isMove(type: OperationChange['type'], from: OperationStage, to: OperationStage): boolean {
  return MOVES[type].some(([start, end]) => start === from && end === to);
}

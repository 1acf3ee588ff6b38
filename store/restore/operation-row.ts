import type { OperationChange } from '../../domain/change';
import type { OperationKind } from '../../domain/custody';
import type { Epoch, OperationId } from '../../domain/ids';
import { endingOf } from '../../domain/stage-after';
import type { OperationStage } from '../../domain/stages';
import type { Operation } from '../../generated/prisma/client';
import type { LockedOperation, OperationPatch } from '../commit/step';
import type { Queries } from '../database';
import type { LockedLedger } from '../ledger/head';
import { beginning, claimantOf, claimKey } from '../operations/claim';
import { NotRestorable } from './not-restorable';

/** Whose claim an idempotency key is of. */
function claimantIn(key: string, operationId: string): string {
  const prefix = claimKey(operationId, '');
  if (!key.startsWith(prefix)) throw new NotRestorable(`${key} is no claim of ${operationId}`);
  return claimantOf(key.slice(prefix.length));
}

interface Claim {
  readonly id: OperationId;
  readonly kind: OperationKind;
  readonly epoch: Epoch;
  readonly idempotencyKey: string;
}

/** An operation begins, or another run takes it over. */
export async function restoreClaim(
  tx: Queries,
  ledger: LockedLedger,
  type: 'operation-opened' | 'operation-claimed',
  { idempotencyKey, ...operation }: Claim,
): Promise<void> {
  const claimant = claimantIn(idempotencyKey, operation.id);
  if (type === 'operation-claimed') {
    const { id, epoch } = operation;
    await tx.operation.update({ where: { id }, data: { epoch, claimant } });
    return;
  }
  const custody = await tx.custody.findUnique({ where: { organizationId: ledger.organization } });
  await tx.operation.create({ data: beginning(ledger, { ...operation, claimant }, custody) });
}

export async function findForRestore(tx: Queries, id: OperationId): Promise<LockedOperation> {
  const row: Operation | null = await tx.operation.findUnique({ where: { id } });
  if (row === null) throw new NotRestorable(`operation ${id} has no beginning`);
  const { kind, stage, ...rest } = row;
  return {
    ...(rest as unknown as LockedOperation),
    kind: kind as OperationKind,
    stage: stage as OperationStage,
  };
}

/** Moves the operation on, as the commit did. */
export async function moveOperation(
  tx: Queries,
  id: OperationId,
  { from, to, at }: { readonly from: OperationStage; readonly to: OperationStage; readonly at: string },
  change: OperationChange,
  patch: OperationPatch,
): Promise<void> {
  const moved = from === to ? {} : { stage: to, stageSince: at };
  const closed = to === 'closed' ? { holdsLock: false, ...endingOf(change) } : {};
  await tx.operation.update({ where: { id }, data: { ...closed, ...moved, ...patch } });
}

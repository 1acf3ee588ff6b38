import type { OperationRecord } from '../../store/contract';
import type { OperationView } from '../shapes/operation';

export function operationView(operation: OperationRecord): OperationView {
  const { id, kind, stage, epoch, outcome, reason, stageSince, openedAt } = operation;
  return { id, kind, stage, epoch, outcome, reason, stageSince, openedAt };
}

import type { OperationKind } from '../../../domain/custody';
import { activation } from './activation';
import { connectionChange } from './connection-change';
import { offboarding } from './offboarding';
import { rotation } from './rotation';
import type { Process } from './run';

/** Every kind of operation that may be begun. */
export const PROCESSES: readonly Process[] = [activation, rotation, connectionChange, offboarding];

export function processOf(kind: OperationKind): Process {
  const process = PROCESSES.find((each) => each.kind === kind);
  if (process === undefined) throw new Error(`nobody knows how ${kind} goes`);
  return process;
}

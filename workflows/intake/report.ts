import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  CancellationScope,
  ChildWorkflowCancellationType,
  ParentClosePolicy,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import type { FaultNote } from '../../activities/intake';
import { faultCode, wasStored } from '../../domain/intake/payload-fault';
import { historyRemovalId, organizationIn } from '../contract/ids';
import { WORKFLOW_TYPES } from '../contract/queues';
import { records } from '../proxies';

type Reported = Pick<FaultNote, 'message' | 'fault'>;

/** Of this run: each has the module to itself. */
let removal: Promise<void> | null = null;

/** This run's history holds what has to go: it should end, or be continued by another run, at the next wait. */
export const isTainted = (): boolean => removal !== null;

/** Puts on record what wasn't acted on; where Temporal has stored it, has this run's history deleted after its end. */
export function report(reported: Reported): Promise<void> {
  const { workflowId, runId } = workflowInfo();
  const note: FaultNote = { workflowId, runId, organization: organizationIn(workflowId), ...reported };
  if (wasStored(note.fault)) removal ??= CancellationScope.nonCancellable(() => startRemoval(note));
  const started = removal;
  return CancellationScope.nonCancellable(async () => {
    const summary = `record the refusal ${faultCode(note.fault)}`;
    await records.recordFault.executeWithOptions({ summary }, [note]);
    await started;
  });
}

/** By a run of its own, which goes on after this one has ended. */
async function startRemoval(note: FaultNote): Promise<void> {
  try {
    await startChild(WORKFLOW_TYPES.removeHistory, {
      workflowId: historyRemovalId(note.runId),
      parentClosePolicy: ParentClosePolicy.ABANDON,
      cancellationType: ChildWorkflowCancellationType.ABANDON,
      staticSummary: `Delete a history of ${note.organization ?? 'no organization'} that holds an unsealed ${note.message}`,
      args: [note],
    });
  } catch (error) {
    // Under way already: a reset run has found in its history that it was started.
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}

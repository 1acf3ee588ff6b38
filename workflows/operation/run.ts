import { CancellationScope, workflowInfo } from '@temporalio/workflow';
import { operationWorkflowId } from '../contract/ids';
import type { OperationResult, OrganizationInput } from '../contract/inputs';
import { codeFailure, failureOf, refusalFailure, refused } from '../failures';
import { startedAs } from '../own-id';
import { judgements } from '../proxies';
import { closeCancelled, recordIgnoredCancel } from './cancel';
import { claim } from './claim';
import { untilClosed, untilSwitched } from './loop';
import { answerTheRest, receiveMessages } from './messages';
import { publish } from './publish';
import type { Shape } from './shape';
import { type Carried, newOperation, type Operation, standingOf } from './state';

/**
 * An operation that people approve, from its claim to its end. Where it stands is the store's word, so a run that takes
 * over (after a reset, a terminate, or continue-as-new) goes on from there.
 * @param input `{"organization": "acme"}`
 */
export async function runOperation(
  shape: Shape,
  input: OrganizationInput,
  carried: Carried | undefined,
): Promise<OperationResult> {
  const { organization } = startedAs(input, (name) => operationWorkflowId(shape.kind, name));
  const continued = workflowInfo().continuedFromExecutionRunId !== undefined;
  if (carried !== undefined && !continued) {
    throw refusalFailure(refused('INPUT_INVALID', 'the input is one object: {"organization": "acme"}'));
  }
  const start = continued ? null : { payload: { ...input }, updateId: null, name: 'start' };
  const operation = newOperation(shape, organization, start, carried ?? null);
  const work = new CancellationScope();
  receiveMessages(operation, () => work.cancel());
  const ignoredCancels = watchCancel(operation);
  const published = new Map<string, string>();
  const around = { input, show: () => publish(operation, published) };
  try {
    let cancelled: unknown = null;
    try {
      await work.run(async () => {
        await begin(operation);
        await untilSwitched(operation, around);
      });
    } catch (error) {
      if (failureOf(error).kind !== 'cancelled') throw error;
      cancelled = error;
    }
    const isEnded = await CancellationScope.nonCancellable(async () => {
      if (cancelled !== null && (await closeCancelled(operation))) return true;
      await untilClosed(operation, around);
      return false;
    });
    await CancellationScope.nonCancellable(() => cleanedUp(operation));
    around.show();
    // The Temporal UI's Cancel ends the run as cancelled, the update as a result that says so.
    if (isEnded && operation.cancelled === null) throw cancelled;
    return resultOf(operation);
  } finally {
    await Promise.all(ignoredCancels);
    await answerTheRest(operation);
  }
}

function resultOf(operation: Operation): OperationResult {
  const { operationId, outcome } = standingOf(operation);
  return { operationId, outcome: outcome ?? 'abandoned', currentVersion: operation.currentVersion };
}

/** Custody stays as it was: what the operation made for itself goes. */
async function cleanedUp(operation: Operation): Promise<void> {
  const { standing, shape } = operation;
  if (standing?.stage === 'closed' && standing.outcome !== 'completed') await shape.cleanUp?.(operation);
}

/** The Temporal UI's Cancel after the point of no return is recorded; before it, the scope's end says it. */
function watchCancel(operation: Operation): Promise<void>[] {
  const recorded: Promise<void>[] = [];
  CancellationScope.current().cancelRequested.catch(() => {
    if (!operation.irreversible) return;
    recorded.push(CancellationScope.nonCancellable(() => recordIgnoredCancel(operation)));
  });
  return recorded;
}

/** Settings, and the claim, which finds out who starts it. */
async function begin(operation: Operation): Promise<void> {
  try {
    Object.assign(operation.settings, await judgements.workflowSettings(undefined));
    await claim(operation, operation.start);
  } catch (error) {
    const failure = failureOf(error);
    if (failure.kind === 'cancelled') throw error;
    throw codeFailure(failure.code, failure.text);
  }
}

import { CancellationScope, workflowInfo } from '@temporalio/workflow';
import { closeCancelled, recordIgnoredCancel } from './activation/cancel';
import { claim } from './activation/claim';
import { untilClosed, untilSwitched } from './activation/loop';
import { answerTheRest, receiveMessages } from './activation/messages';
import { publish } from './activation/publish';
import { type Activation, type Carried, newActivation, standingOf } from './activation/state';
import { activationId } from './contract/ids';
import type { ActivationResult, OrganizationInput } from './contract/inputs';
import { codeFailure, failureOf, refusalFailure, refused } from './failures';
import { startedAs } from './own-id';
import { judgements } from './proxies';

/**
 * The activation of a customer's key: entitlement → setup → verification → dry-run → approval → live → handoff.
 * Input: `{"organization": "acme"}`. Where the operation stands is the store's word, so a run that takes over
 * (after a reset, a terminate, or continue-as-new) goes on from there.
 */
export async function activateCustomerKey(
  input: OrganizationInput,
  carried?: Carried,
): Promise<ActivationResult> {
  const { organization } = startedAs(input, activationId);
  const continued = workflowInfo().continuedFromExecutionRunId !== undefined;
  if (carried !== undefined && !continued) {
    throw refusalFailure(refused('INPUT_INVALID', 'the input is one object: {"organization": "acme"}'));
  }
  const start = continued ? null : { payload: { ...input }, updateId: null, name: 'start' };
  const activation = newActivation(organization, start, carried ?? null);
  const work = new CancellationScope();
  receiveMessages(activation, () => work.cancel());
  const ignoredCancels = watchCancel(activation);
  const published = new Map<string, string>();
  const around = { input, show: () => publish(activation, published) };
  try {
    let cancelled: unknown = null;
    try {
      await work.run(async () => {
        await begin(activation);
        await untilSwitched(activation, around);
      });
    } catch (error) {
      if (failureOf(error).kind !== 'cancelled') throw error;
      cancelled = error;
    }
    const isEnded = await CancellationScope.nonCancellable(async () => {
      if (cancelled !== null && (await closeCancelled(activation))) return true;
      await untilClosed(activation, around);
      return false;
    });
    around.show();
    // The Temporal UI's Cancel ends the run as cancelled, the update as a result that says so.
    if (isEnded && activation.cancelled === null) throw cancelled;
    return resultOf(activation);
  } finally {
    await Promise.all(ignoredCancels);
    await answerTheRest(activation);
  }
}

function resultOf(activation: Activation): ActivationResult {
  const { operationId, outcome } = standingOf(activation);
  return { operationId, outcome: outcome ?? 'abandoned', currentVersion: activation.currentVersion };
}

/** The Temporal UI's Cancel after the point of no return is recorded; before it, the scope's end says it. */
function watchCancel(activation: Activation): Promise<void>[] {
  const recorded: Promise<void>[] = [];
  CancellationScope.current().cancelRequested.catch(() => {
    if (!activation.irreversible) return;
    recorded.push(CancellationScope.nonCancellable(() => recordIgnoredCancel(activation)));
  });
  return recorded;
}

/** Settings, and the claim, which finds out who starts it. */
async function begin(activation: Activation): Promise<void> {
  try {
    Object.assign(activation.settings, await judgements.workflowSettings(undefined));
    await claim(activation, activation.start);
  } catch (error) {
    const failure = failureOf(error);
    if (failure.kind === 'cancelled') throw error;
    throw codeFailure(failure.code, failure.text);
  }
}

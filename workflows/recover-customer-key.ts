import { allHandlersFinished, condition, makeContinueAsNewFunc, workflowInfo } from '@temporalio/workflow';
import type { OpenIncident } from '../activities/recovery/open';
import { instantOf } from '../domain/ids';
import { probeDelayMs } from '../domain/incident';
import { incidentWorkflowId } from './contract/ids';
import { type OrganizationInput, organizationInput, type RecoveryResult } from './contract/inputs';
import { codeFailure, failureOf, refusalFailure, refused } from './failures';
import { isTainted } from './intake/report';
import { startedAs } from './own-id';
import { judgements, platformRecoveryProbes, records, recoveryProbes } from './proxies';
import { receiveIncidentMessages } from './recovery/messages';
import { publish, publishEnd } from './recovery/publish';
import { type CarriedRecovery, newRecovery, type Recovery } from './recovery/state';
import { announce, announceEnd, announceImpact, untilTold } from './recovery/telling';

/**
 * An organization's open incident: put it on record, tell people, probe until the key answers, prove that everything
 * can be read and written again, close. It never gives up and has no way around the key: what it does is to look.
 * Input: `{"organization": "acme"}`. The relay starts it at the first refusal; started by hand where nothing is open, it
 * ends at once.
 */
export async function recoverCustomerKey(
  input: OrganizationInput,
  carried?: CarriedRecovery,
): Promise<RecoveryResult> {
  const { organization } = startedAs(input, incidentWorkflowId, organizationInput);
  const continued = workflowInfo().continuedFromExecutionRunId !== undefined;
  if (carried !== undefined && !continued)
    throw refusalFailure(refused('INPUT_INVALID', 'the input is one object: {"organization": "acme"}'));
  const recovery = newRecovery(organization, carried);
  receiveIncidentMessages(recovery);
  try {
    recovery.historyEvents = (await judgements.workflowSettings(undefined)).historyEvents;
    await untilNoneIsOpen(recovery, input);
  } catch (error) {
    const failure = failureOf(error);
    if (failure.kind === 'cancelled') throw error;
    throw codeFailure(failure.code, failure.text);
  }
  return { closed: recovery.closed };
}

async function untilNoneIsOpen(recovery: Recovery, input: OrganizationInput): Promise<void> {
  const { organization } = recovery;
  do {
    // What is refused from here on is seen at the loop's end, after its last await.
    recovery.refusedAgain = false;
    const open = await records.openIncident.executeWithOptions({ summary: 'put the incident on record' }, [
      { organization },
    ]);
    if (open !== null) {
      recovery.incident = open;
      await announce(recovery, open);
      await untilClosed(recovery, open, input);
      recovery.closed += 1;
      recovery.failures = 0;
      await announceEnd(recovery, open);
    }
    publishEnd(recovery);
    await untilTold(recovery);
    await condition(allHandlersFinished);
  } while (recovery.refusedAgain);
  recovery.ended = true;
}

/** Probes, further and further apart, until it is proved. */
async function untilClosed(
  recovery: Recovery,
  opened: OpenIncident,
  input: OrganizationInput,
): Promise<void> {
  const { organization } = recovery;
  const { probe, summary } =
    opened.custody === 'customer'
      ? { probe: recoveryProbes.proveRecovery, summary: 'probe the customer’s key' }
      : { probe: platformRecoveryProbes.provePlatformRecovery, summary: 'probe the platform key' };
  for (;;) {
    recovery.probeAsked = false;
    recovery.nextProbeAt = null;
    publish(recovery);
    const probed = await probe.executeWithOptions({ summary }, [{ organization, incident: opened.id }]);
    recovery.probes += 1;
    if (probed.closed) return;
    const { refused: by } = probed;
    if (by !== null) recovery.lastRefused = { code: by.code, owner: by.owner, at: instantOf(Date.now()) };
    const delayMs = by === null ? SHORTLY_MS : probeDelayMs(recovery.failures);
    if (by !== null) {
      recovery.failures += 1;
      announceImpact(recovery, opened);
    }
    recovery.nextProbeAt = instantOf(Date.now() + delayMs);
    publish(recovery);
    await condition(() => recovery.probeAsked || isTainted(), delayMs, { summary: 'until the next probe' });
    await continueWhereDue(recovery, input);
  }
}

/** It was proved, but something was refused while it was. */
const SHORTLY_MS = 1_000;

async function continueWhereDue(recovery: Recovery, { organization }: OrganizationInput): Promise<void> {
  const { continueAsNewSuggested, historyLength } = workflowInfo();
  const isDue = continueAsNewSuggested || historyLength >= recovery.historyEvents || isTainted();
  if (!isDue || !allHandlersFinished()) return;
  const { failures, handled, closed, announced } = recovery;
  const carried = { failures, closed, announced, handled: [...handled].slice(-HANDLED_KEPT) };
  await makeContinueAsNewFunc<typeof recoverCustomerKey>()({ organization }, carried);
}

/** Answers carried along: enough for every update whose sender may still repeat it. */
const HANDLED_KEPT = 50;

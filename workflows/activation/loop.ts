import { allHandlersFinished, condition, makeContinueAsNewFunc, workflowInfo } from '@temporalio/workflow';
import { ownersOf } from '../../domain/finding';
import { instantOf } from '../../domain/ids';
import { awaitedAt, isAllowed } from '../../domain/stages';
import type { OrganizationInput } from '../contract/inputs';
import { codeFailure, failureOf } from '../failures';
import { isTainted } from '../intake/report';
import { isOutOfStep } from '../operation/out-of-step';
import { probes, records } from '../proxies';
import { close } from './cancel';
import { resync } from './claim';
import { stageAndSwitch } from './live';
import { invalidate, perform } from './perform';
import { seal } from './sealing';
import { type Activation, type Carried, moved, standingOf, stepOf, troubled } from './state';
import { dueText, endOf, nextDue } from './waits';

/** What the loop needs of its run. */
export interface Around {
  readonly input: OrganizationInput;
  /** Shows where the run stands to whoever looks at it in the Temporal UI. */
  show(): void;
}

/** Answers carried along: enough for every update whose sender may still repeat it. */
const HANDLED_KEPT = 200;

/** The stages before the point of no return. Returns at the end of the operation, or once custody has moved. */
export async function untilSwitched(activation: Activation, around: Around): Promise<void> {
  for (;;) {
    around.show();
    const { stage, holdsLock } = standingOf(activation);
    switch (stage) {
      case 'sealing':
      case 'handoff':
      case 'closed':
        return;
      case 'entitlement':
        await confirmEntitlement(activation);
        break;
      case 'live':
        if (holdsLock) await stageAndSwitch(activation, around.show);
        else await verifyOrWait(activation, around);
        break;
      case 'setup':
      case 'verification':
      case 'dry-run':
      case 'approval':
        await verifyOrWait(activation, around);
        break;
      default: {
        const unknown: never = stage;
        throw new Error(`unknown stage ${String(unknown)}`);
      }
    }
  }
}

/** The stages after it: nothing gives up here. */
export async function untilClosed(activation: Activation, around: Around): Promise<void> {
  activation.irreversible = true;
  for (;;) {
    around.show();
    const { stage } = standingOf(activation);
    if (stage === 'closed') return;
    if (stage === 'sealing') await sealInStep(activation, around);
    else await waitAndAct(activation, around);
  }
}

async function confirmEntitlement(activation: Activation): Promise<void> {
  try {
    const step = stepOf(activation, 'entitlement');
    moved(
      activation,
      await records.checkEntitlement.executeWithOptions({ summary: 'check the signed order' }, [step]),
    );
  } catch (error) {
    const failure = failureOf(error);
    if (failure.kind === 'cancelled') throw error;
    if (isOutOfStep(failure)) return resync(activation, failure);
    troubled(activation, failure.code, failure.text);
    await close(activation, { outcome: 'refused', reason: failure.code });
    throw codeFailure(failure.code, failure.text);
  }
}

async function sealInStep(activation: Activation, around: Around): Promise<void> {
  try {
    await seal(activation, {
      show: around.show,
      breathe: () => continueWhenLong(activation, around),
    });
  } catch (error) {
    const failure = failureOf(error);
    if (!isOutOfStep(failure)) throw error;
    await resync(activation, failure);
  }
}

async function verifyOrWait(activation: Activation, around: Around): Promise<void> {
  const { stage, connectionId } = standingOf(activation);
  const asked = activation.verifyFor;
  activation.verifyFor = null;
  if (asked === null || connectionId === null || !isAllowed(stage, 'runVerification')) {
    return waitAndAct(activation, around);
  }
  try {
    const step = { ...stepOf(activation, 'verification', asked.name), sent: asked.sent };
    const verified = await probes.verifyConnection.executeWithOptions({ summary: 'verification' }, [step]);
    activation.findings = verified.findings;
    activation.owners = ownersOf(verified.findings);
    activation.trouble = null;
    moved(activation, verified.standing);
  } catch (error) {
    const failure = failureOf(error);
    if (failure.kind === 'cancelled') throw error;
    if (isOutOfStep(failure)) return resync(activation, failure);
    activation.owners = failure.owner === null ? [] : [failure.owner];
    troubled(activation, failure.code, failure.text);
  }
  await tellOurPeople(activation);
}

/** Waits for a message, or for what is due when none comes, and does it. */
async function waitAndAct(activation: Activation, around: Around): Promise<void> {
  await continueWhenLong(activation, around);
  const { stage } = standingOf(activation);
  const due = nextDue(activation, stage);
  const summary = dueText(due, awaitedAt(stage, activation.owners)?.who ?? 'nobody');
  activation.busy = false;
  const isCalled = () => activation.inbox.length > 0 || isTainted();
  const called = await condition(isCalled, Math.max(1, due.atMs - Date.now()), { summary });
  activation.busy = true;
  const intent = activation.inbox.shift();
  if (intent !== undefined) return perform(activation, intent);
  // To be continued by a run whose history holds nothing that has to go.
  if (called) return;
  try {
    switch (due.what) {
      case 'remind':
        return await remind(activation, due.days);
      case 'expire':
        return void (await close(activation, { outcome: 'expired' }));
      case 'plan-expires':
        troubled(activation, 'PLAN_EXPIRED');
        return await invalidate(activation, 'PLAN_EXPIRED', 'dry-run');
      default: {
        const unknown: never = due;
        throw new Error(`unknown ${String(unknown)}`);
      }
    }
  } catch (error) {
    const failure = failureOf(error);
    if (!isOutOfStep(failure)) throw error;
    await resync(activation, failure);
  }
}

async function remind(activation: Activation, days: number): Promise<void> {
  activation.reminded += 1;
  await tellAwaited(activation, days);
}

/** Trouble that isn't the customer's: nobody else tells those who can mend it. */
async function tellOurPeople(activation: Activation): Promise<void> {
  const { stage } = standingOf(activation);
  const isOurs = stage === 'verification' && awaitedAt(stage, activation.owners)?.who === 'support';
  if (isOurs) await tellAwaited(activation, 0);
}

async function tellAwaited(activation: Activation, days: number): Promise<void> {
  const { stage, operationId, organization } = standingOf(activation);
  const awaited = awaitedAt(stage, activation.owners);
  if (awaited === null) return;
  const { sinceMs } = activation;
  await records.remind.executeWithOptions({ summary: `remind ${awaited.who}` }, [
    {
      organization: organization.name,
      operationId,
      stage,
      ...awaited,
      since: instantOf(sinceMs),
      days,
      endsAt: endOf(stage, sinceMs),
    },
  ]);
}

/** Continue-as-new where the history has grown long or has to go, nobody is being answered, and nothing waits to be done. */
async function continueWhenLong(activation: Activation, { input }: Around): Promise<void> {
  const { continueAsNewSuggested, historyLength } = workflowInfo();
  const isLong = continueAsNewSuggested || historyLength >= activation.settings.historyEvents;
  if (!isLong && !isTainted()) return;
  await condition(allHandlersFinished);
  if (activation.inbox.length > 0) return;
  const carried: Carried = {
    handled: [...activation.handled].slice(-HANDLED_KEPT),
    sinceMs: activation.sinceMs,
    reminded: activation.reminded,
    findings: activation.findings,
    owners: activation.owners,
    provider: activation.provider,
    trouble: activation.trouble,
  };
  await makeContinueAsNewFunc<(input: OrganizationInput, carried: Carried) => Promise<unknown>>()(
    input,
    carried,
  );
}

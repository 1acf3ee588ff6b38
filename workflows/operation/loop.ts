import { allHandlersFinished, condition, makeContinueAsNewFunc, workflowInfo } from '@temporalio/workflow';
import type { Code } from '../../domain/codes';
import { ownersOf } from '../../domain/finding';
import { instantOf } from '../../domain/ids';
import { type Awaiting, awaitedAt, isAllowed } from '../../domain/stages';
import type { OrganizationInput } from '../contract/inputs';
import { codeFailure, failureOf } from '../failures';
import { isTainted } from '../intake/report';
import { outlasting } from '../outlasting';
import { probes, records } from '../proxies';
import { attempting } from './attempt';
import { close } from './cancel';
import { resync } from './claim';
import { stageAndSwitch } from './live';
import { isOutOfStep } from './out-of-step';
import { invalidate, perform } from './perform';
import { type Carried, moved, type Operation, standingOf, stepOf, troubled } from './state';
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
export async function untilSwitched(operation: Operation, around: Around): Promise<void> {
  for (;;) {
    around.show();
    const { stage, holdsLock } = standingOf(operation);
    switch (stage) {
      case 'sealing':
      case 'handoff':
      case 'closed':
        return;
      case 'entitlement':
        await confirmEntitlement(operation);
        break;
      case 'live':
        if (holdsLock) await stageAndSwitch(operation, around.show);
        else await verifyOrWait(operation, around);
        break;
      case 'setup':
      case 'verification':
      case 'dry-run':
      case 'approval':
        await verifyOrWait(operation, around);
        break;
      default: {
        const unknown: never = stage;
        throw new Error(`unknown stage ${String(unknown)}`);
      }
    }
  }
}

/** The stages after it: nothing gives up here. */
export async function untilClosed(operation: Operation, around: Around): Promise<void> {
  operation.irreversible = true;
  for (;;) {
    around.show();
    const { stage } = standingOf(operation);
    if (stage === 'closed') return;
    if (stage === 'sealing') await sealInStep(operation, around);
    else await waitAndAct(operation, around);
  }
}

async function confirmEntitlement(operation: Operation): Promise<void> {
  try {
    const step = stepOf(operation, 'entitlement');
    moved(
      operation,
      await records.checkEntitlement.executeWithOptions({ summary: 'check the signed order' }, [step]),
    );
  } catch (error) {
    const failure = failureOf(error);
    if (failure.kind === 'cancelled') throw error;
    if (isOutOfStep(failure)) return resync(operation, failure);
    troubled(operation, failure.code, failure.text);
    await close(operation, { outcome: 'refused', reason: failure.code });
    throw codeFailure(failure.code, failure.text);
  }
}

async function sealInStep(operation: Operation, around: Around): Promise<void> {
  try {
    const breathe = () => continueWhenLong(operation, around);
    await operation.shape.seal(operation, attempting(operation, { show: around.show, breathe }));
    operation.step = null;
    operation.trouble = null;
  } catch (error) {
    const failure = failureOf(error);
    if (!isOutOfStep(failure)) throw error;
    await resync(operation, failure);
  }
}

async function verifyOrWait(operation: Operation, around: Around): Promise<void> {
  const { stage, connectionId } = standingOf(operation);
  const asked = operation.verifyFor;
  operation.verifyFor = null;
  if (asked === null || connectionId === null || !isAllowed(operation.shape.kind, stage, 'runVerification')) {
    return waitAndAct(operation, around);
  }
  try {
    const step = { ...stepOf(operation, 'verification', asked.name), sent: asked.sent };
    const verified = await outlasting(() =>
      probes.verifyConnection.executeWithOptions({ summary: 'verification' }, [step]),
    );
    operation.findings = verified.findings;
    operation.owners = ownersOf(verified.findings);
    operation.trouble = null;
    moved(operation, verified.standing);
  } catch (error) {
    const failure = failureOf(error);
    if (failure.kind === 'cancelled') throw error;
    if (isOutOfStep(failure)) return resync(operation, failure);
    operation.owners = failure.owner === null ? [] : [failure.owner];
    troubled(operation, failure.code, failure.text);
    if (failure.code === 'INTERNAL') await impeded(operation, asked.name);
  }
  if (operation.shape.endsUnverified && standingOf(operation).stage === 'verification')
    return void (await close(operation, { outcome: 'refused', reason: reasonOf(operation) }));
  await tellOurPeople(operation);
}

/** Our worker gave no answer, so nobody but us has anything to mend. */
async function impeded(operation: Operation, asked: string): Promise<void> {
  operation.owners = ['operator'];
  try {
    await records.recordImpeded.executeWithOptions({ summary: 'record that nothing was found' }, [
      stepOf(operation, 'impeded', asked),
    ]);
  } catch (error) {
    const failure = failureOf(error);
    if (!isOutOfStep(failure)) throw error;
    // It was done, and only its answer was lost.
    operation.owners = [];
    await resync(operation, failure);
  }
}

/** Why the last verification isn't clean. */
function reasonOf({ findings, trouble }: Operation): Code {
  const failed = findings.find(({ result }) => result === 'failed');
  return trouble?.code ?? (failed?.result === 'failed' ? failed.code : 'VERIFICATION_MISSING');
}

/** Waits for a message, or for what is due when none comes, and does it. */
async function waitAndAct(operation: Operation, around: Around): Promise<void> {
  await continueWhenLong(operation, around);
  const { stage } = standingOf(operation);
  const due = nextDue(operation, stage);
  const summary = dueText(due, awaitedNow(operation)?.who ?? 'nobody');
  operation.busy = false;
  const isCalled = () => operation.inbox.length > 0 || isTainted();
  const called = await condition(isCalled, Math.max(1, due.atMs - Date.now()), { summary });
  operation.busy = true;
  const intent = operation.inbox.shift();
  if (intent !== undefined) return perform(operation, intent);
  // To be continued by a run whose history holds nothing that has to go.
  if (called) return;
  try {
    switch (due.what) {
      case 'remind':
        return await remind(operation, due.days);
      case 'expire':
        return void (await close(operation, { outcome: 'expired' }));
      case 'plan-expires':
        troubled(operation, 'PLAN_EXPIRED');
        return await invalidate(operation, 'PLAN_EXPIRED', 'dry-run');
      default: {
        const unknown: never = due;
        throw new Error(`unknown ${String(unknown)}`);
      }
    }
  } catch (error) {
    const failure = failureOf(error);
    if (!isOutOfStep(failure)) throw error;
    await resync(operation, failure);
  }
}

async function remind(operation: Operation, days: number): Promise<void> {
  operation.reminded += 1;
  await tellAwaited(operation, days);
}

/** Trouble that isn't the customer's: nobody else tells those who can mend it. */
async function tellOurPeople(operation: Operation): Promise<void> {
  const { stage } = standingOf(operation);
  const isOurs = stage === 'verification' && awaitedNow(operation)?.who === 'support';
  if (isOurs) await tellAwaited(operation, 0);
}

function awaitedNow(operation: Operation): Awaiting | null {
  const { stage, approved } = standingOf(operation);
  return awaitedAt(operation.shape.kind, stage, operation.owners, approved);
}

async function tellAwaited(operation: Operation, days: number): Promise<void> {
  const { stage, operationId, organization } = standingOf(operation);
  const awaited = awaitedNow(operation);
  if (awaited === null) return;
  const { sinceMs } = operation;
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
async function continueWhenLong(operation: Operation, { input }: Around): Promise<void> {
  const { continueAsNewSuggested, historyLength } = workflowInfo();
  const isLong = continueAsNewSuggested || historyLength >= operation.settings.historyEvents;
  if (!isLong && !isTainted()) return;
  await condition(allHandlersFinished);
  if (operation.inbox.length > 0) return;
  const carried: Carried = {
    handled: [...operation.handled].slice(-HANDLED_KEPT),
    sinceMs: operation.sinceMs,
    reminded: operation.reminded,
    findings: operation.findings,
    owners: operation.owners,
    provider: operation.provider,
    trouble: operation.trouble,
  };
  await makeContinueAsNewFunc<(input: OrganizationInput, carried: Carried) => Promise<unknown>>()(
    input,
    carried,
  );
}

import type { UpdateDefinition } from '@temporalio/common';
import {
  allHandlersFinished,
  CancellationScope,
  condition,
  currentUpdateInfo,
  setHandler,
} from '@temporalio/workflow';
import type { JsonObject } from '../../domain/canonical';
import { digestOf } from '../../domain/digest';
import type { Refusal } from '../../domain/failure';
import { actorPayloadDigest } from '../../domain/message';
import { ACTIONS, type Action, ALLOWED_ACTIONS, isAllowed, stagesFor } from '../../domain/stages';
import {
  type Acknowledgement,
  type Message,
  messageSchemas,
  signals,
  statusQuery,
  updates,
} from '../contract/messages';
import { codeFailure, refused, textOf } from '../failures';
import { parseFields } from '../fields';
import { isShallow, isShort, TOO_DEEP, TOO_LONG } from '../message-form';
import { onUpdate } from '../on-update';
import { askToCancel } from './cancel';
import { statusOf } from './publish';
import { type Intent, type Operation, refuse, standingOf } from './state';

/** What people read beside each message in the Temporal UI. */
const DESCRIPTIONS: Readonly<Record<Action, string>> = {
  submitConnection:
    'Customer admin: provider, key identifier, credential reference, region or tenant. Verification follows by itself.',
  runVerification: 'Anybody: probe the connection again. {} is enough.',
  launchDryRun: 'Compute the plan without changing anything. Needs operationId and "dryRun": true.',
  reviewDryRun: 'Support: the findings were gone through with the customer. Names the plan digest.',
  approve: 'The customer’s signature over the plan, as `smsk approve` makes it.',
  reject: 'The customer’s signed refusal of the plan: ends the operation.',
  approveOffboarding:
    'Approver: the operator’s approval of an offboarding’s plan, by another person than its starter. Names the digest.',
  launchLive: 'Carry out the approved plan. Names its digest.',
  recordHandoff: 'Support: escalation contacts and runbook references. Ends the operation.',
  cancel: 'End the operation before its switch; nothing changes. After the switch it is refused.',
};

/** While work is running, an update waits so long for its turn before it answers `judged: false`. */
const ANSWER_WITHIN_MS = 3_000;

/** Registers a handler for whatever may be asked of its kind; called before the first await. `cancelWork` ends what runs before the switch. */
export function receiveMessages(operation: Operation, cancelWork: () => void): void {
  const { kind } = operation.shape;
  const receiving = <A extends Action>(action: A) => ({
    description: DESCRIPTIONS[action],
    validate: (message: unknown) => judgeForm(operation, action, message),
    handle: (message: Message<A>) => receive(operation, action, message, cancelWork),
  });
  for (const action of ACTIONS) {
    if (stagesFor(kind, action).length === 0) continue;
    onUpdate(updates[action] as UpdateDefinition<Acknowledgement, [never]>, receiving(action));
  }
  for (const action of ['approve', 'reject'] as const) {
    setHandler(signals[action], (message) => receiveSignal(operation, action, message), {
      description: `${DESCRIPTIONS[action]} Stored even while no worker is up.`,
    });
  }
  setHandler(statusQuery, () => statusOf(operation), { description: 'Where this operation stands.' });
}

const updateId = (): string => currentUpdateInfo()?.id ?? '';
const keyOf = (id: string): string => `update:${id}`;

/** Shape, size, stage. `null`: accepted, to be judged further where the ledger can see it. */
export function judgeForm(operation: Operation, action: Action, message: unknown): Refusal | null {
  if (!isShallow(message)) return TOO_DEEP;
  if (!isShort(message)) return TOO_LONG;
  if (action === 'launchDryRun' && (message as { dryRun?: unknown } | null)?.dryRun !== true) {
    return refused('DRY_RUN_NOT_EXPLICIT');
  }
  const parsed = parseFields(messageSchemas[action], message);
  if (!parsed.ok) return parsed.refusal;
  // One that was answered before is answered again, though the stage has moved on since.
  if (operation.handled.has(keyOf(updateId()))) return null;
  return judgeStage(operation, action, parsed.value.operationId);
}

/** Is this the operation, and may that be done at its stage? Before the claim nobody knows yet. */
export function judgeStage(
  { standing, shape: { kind } }: Pick<Operation, 'standing' | 'shape'>,
  action: Action,
  operationId: string | undefined,
): Refusal | null {
  if (standing === null) return null;
  if (operationId !== undefined && operationId !== standing.operationId) {
    return refused('OPERATION_UNKNOWN', `the open one is ${standing.operationId}`);
  }
  if (isAllowed(kind, standing.stage, action)) return null;
  const possible = ALLOWED_ACTIONS[kind][standing.stage].join(', ') || 'nothing';
  return refused('STAGE_MISMATCH', `at stage ${standing.stage}; possible now: ${possible}`);
}

/** An update: through the main loop, and back with its judgement. */
async function receive(
  operation: Operation,
  action: Action,
  message: unknown,
  cancelWork: () => void,
): Promise<Acknowledgement> {
  const id = updateId();
  const key = keyOf(id);
  const payloadDigest = actorPayloadDigest(message as Readonly<Record<string, unknown>>);
  const known = operation.handled.get(key);
  if (known !== undefined) return known;
  // Not to be torn down by a cancel of the run: whoever sent it gets an answer.
  return CancellationScope.nonCancellable(async () => {
    const intent: Intent = { action, message, updateId: id, key, answer: null };
    await condition(() => operation.standing !== null || operation.ended);
    if (operation.ended) refuse(intent, 'STAGE_MISMATCH', 'this run has ended');
    else if (action === 'cancel') await askToCancel(operation, intent, cancelWork);
    else await throughTheInbox(operation, intent);
    const { answer } = intent;
    if (answer !== null && !answer.ok) {
      throw codeFailure(
        answer.code,
        textOf(answer.code) + (answer.detail === null ? '' : ` (${answer.detail})`),
        { payloadDigest },
      );
    }
    const { operationId, stage } = standingOf(operation);
    const acknowledgement = { operationId, action, stage, judged: answer !== null, payloadDigest };
    operation.handled.set(key, acknowledgement);
    return acknowledgement;
  });
}

async function throughTheInbox(operation: Operation, intent: Intent): Promise<void> {
  operation.inbox.push(intent);
  const isAnswered = () => intent.answer !== null;
  if (operation.busy) {
    await condition(() => isAnswered() || !operation.busy, ANSWER_WITHIN_MS, {
      summary: `answer ${intent.action} even if work is still running`,
    });
    if (operation.busy) return;
  }
  await condition(isAnswered);
}

/** A signal: stored by the server already, so it's taken as it comes, and judged in the main loop. Never throws. */
function receiveSignal(operation: Operation, action: Action, message: unknown): void {
  const isReadable =
    message !== null && typeof message === 'object' && isShallow(message) && isShort(message);
  const key = `signal:${isReadable ? digestOf(message as JsonObject) : 'unreadable'}`;
  if (operation.handled.has(key)) return;
  operation.inbox.push({ action, message: isReadable ? message : null, updateId: null, key, answer: null });
}

/** Before the run ends: whatever is still asked for is answered. */
export async function answerTheRest(operation: Operation): Promise<void> {
  await CancellationScope.nonCancellable(async () => {
    operation.ended = true;
    await condition(() => {
      for (const intent of operation.inbox.splice(0)) refuse(intent, 'STAGE_MISMATCH', 'this run has ended');
      return allHandlersFinished();
    });
  });
}

import { uuid4 } from '@temporalio/workflow';
import type { RefusalSubject } from '../../domain/change';
import type { Code, RequestCode } from '../../domain/codes';
import type { ConnectionId, DryRunId } from '../../domain/ids';
import { actorPayloadDigest, type Message, messageSchemas } from '../../domain/message';
import type { Action } from '../../domain/stages';
import { failureOf } from '../failures';
import { parseFields } from '../fields';
import { outlasting } from '../outlasting';
import { probes, records } from '../proxies';
import { close } from './cancel';
import { claim, resync } from './claim';
import { isTaken, record } from './identify';
import { judgeStage } from './messages';
import { isOutOfStep } from './out-of-step';
import {
  askedBy,
  type Intent,
  moved,
  type Operation,
  refuse,
  sentOf,
  standingOf,
  stepOf,
  troubled,
} from './state';

/** What a refused message was about, as the ledger groups it. */
const SUBJECT: Readonly<Record<Action, RefusalSubject>> = {
  submitConnection: 'connection',
  runVerification: 'verification',
  launchDryRun: 'dry-run',
  reviewDryRun: 'dry-run',
  approve: 'approval',
  reject: 'approval',
  approveOffboarding: 'approval',
  launchLive: 'live',
  recordHandoff: 'live',
  cancel: 'live',
};

/** Codes after which a plan can't be launched any more. */
const VOIDS_PLAN: ReadonlySet<Code> = new Set(['PLAN_CHANGED', 'PLAN_EXPIRED', 'VERIFICATION_MISSING']);

/**
 * One message: its form, its stage; then it is carried out, which finds out who sent it and whether they may. It's
 * answered as soon as it is judged.
 */
export async function perform(operation: Operation, intent: Intent): Promise<void> {
  const { action } = intent;
  const isSignal = intent.updateId === null;
  // A signal that was sent twice is one decision.
  if (isSignal && operation.handled.has(intent.key)) return;
  const parsed = parseFields(messageSchemas[action], intent.message);
  if (!parsed.ok) {
    // What isn't of its form isn't copied any further, so nobody finds out who sent it.
    await record(operation, SUBJECT[action], malformed(action), null);
    troubled(operation, malformed(action));
    return refuse(intent, malformed(action));
  }
  const misplaced = judgeStage(operation, action, parsed.value.operationId);
  if (misplaced !== null) return refuseAndRecord(operation, intent, misplaced.code, misplaced.detail);
  try {
    await ACTS[action](operation, intent);
    intent.answer ??= { ok: true };
    if (isSignal) remember(operation, intent);
  } catch (error) {
    const failure = failureOf(error);
    if (failure.kind === 'cancelled') throw error;
    if (intent.answer === null) refuse(intent, failure.code);
    if (failure.code === 'IDEMPOTENCY_KEY_REUSED') return;
    troubled(operation, failure.code, failure.text);
    if (isOutOfStep(failure)) return resync(operation, failure);
    const { planDigest } = standingOf(operation);
    if (planDigest !== null && VOIDS_PLAN.has(failure.code)) {
      await invalidate(operation, failure.code, 'dry-run');
    }
  }
}

type Act = (operation: Operation, intent: Intent) => Promise<void>;

const ACTS: Readonly<Record<Action, Act>> = {
  submitConnection: async (operation, intent) => {
    const step = { ...askedBy(operation, intent), connectionId: uuid4() as ConnectionId };
    const { connection } = intent.message as Message<'submitConnection'>;
    const { provider } = connection;
    const summary = `connection ${provider}`;
    moved(operation, await records.recordConnection.executeWithOptions({ summary }, [step]));
    operation.provider = provider;
    operation.findings = [];
    operation.owners = [];
    operation.trouble = null;
    operation.verifyFor = { sent: null, name: step.sent.name };
  },

  runVerification: async (operation, intent) => {
    if (!(await isTaken(operation, intent))) return;
    const sent = sentOf(intent);
    operation.verifyFor = { sent, name: sent.name };
  },

  launchDryRun: async (operation, intent) => {
    if (!(await isTaken(operation, intent))) return;
    if (standingOf(operation).connectionId === null) return refuse(intent, 'VERIFICATION_MISSING');
    intent.answer = { ok: true };
    if (operation.shape.claimsAnew) await claim(operation);
    const step = { ...askedBy(operation, intent), dryRunId: uuid4() as DryRunId };
    const { standing, dryRun } = await outlasting(() =>
      probes.computeDryRun.executeWithOptions({ summary: 'dry-run' }, [step]),
    );
    operation.findings = dryRun.findings;
    operation.trouble = null;
    moved(operation, standing);
    operation.dryRun = dryRun;
  },

  reviewDryRun: async (operation, intent) => {
    moved(
      operation,
      await records.recordReview.executeWithOptions({ summary: 'review of the dry-run' }, [
        askedBy(operation, intent),
      ]),
    );
  },

  approve: async (operation, intent) => {
    moved(operation, await judged(operation, intent, 'approve'));
  },

  reject: async (operation, intent) => {
    moved(operation, await judged(operation, intent, 'reject'));
    await close(operation, { outcome: 'rejected' });
  },

  approveOffboarding: async (operation, intent) => {
    moved(
      operation,
      await records.judgeOperatorApproval.executeWithOptions({ summary: 'judge the operator’s approval' }, [
        askedBy(operation, intent),
      ]),
    );
  },

  launchLive: async (operation, intent) => {
    moved(
      operation,
      await records.launchLive.executeWithOptions({ summary: 'launch live' }, [askedBy(operation, intent)]),
    );
    operation.trouble = null;
  },

  recordHandoff: async (operation, intent) => {
    const { standing, currentVersion } = await records.recordHandoff.executeWithOptions(
      { summary: 'record the handoff' },
      [askedBy(operation, intent)],
    );
    operation.currentVersion = currentVersion;
    moved(operation, standing);
  },

  cancel: async (_activation, intent) => refuse(intent, 'STAGE_MISMATCH'),
};

const judged = (operation: Operation, intent: Intent, decision: 'approve' | 'reject') =>
  records.judgeApproval.executeWithOptions({ summary: `judge the customer’s ${decision}` }, [
    { ...askedBy(operation, intent), decision },
  ]);

/** The plan won't be carried out; the operation goes on from `to`. */
export async function invalidate(
  operation: Operation,
  reason: Code,
  to: 'verification' | 'dry-run',
): Promise<void> {
  const { planDigest } = standingOf(operation);
  operation.dryRun = null;
  if (planDigest === null) return;
  const step = { ...stepOf(operation, 'invalidate'), planDigest, reason, to };
  moved(
    operation,
    await records.invalidatePlan.executeWithOptions({ summary: `give up the plan: ${reason}` }, [step]),
  );
}

/** What a payload that isn't of its form is called: of a decision, that's what the ledger should say. */
const malformed = (action: Action): RequestCode =>
  action === 'approve' || action === 'reject' ? 'APPROVAL_MALFORMED' : 'INPUT_INVALID';

async function refuseAndRecord(
  operation: Operation,
  intent: Intent,
  code: RequestCode,
  detail: string | null,
): Promise<void> {
  troubled(operation, code);
  await record(operation, SUBJECT[intent.action], code, intent);
  refuse(intent, code, detail);
}

function remember(operation: Operation, intent: Intent): void {
  const { operationId, stage } = standingOf(operation);
  const { action } = intent;
  const payloadDigest = actorPayloadDigest(sentOf(intent).payload);
  operation.handled.set(intent.key, { operationId, action, stage, judged: true, payloadDigest });
}

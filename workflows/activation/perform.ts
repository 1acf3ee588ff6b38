import { uuid4 } from '@temporalio/workflow';
import type { RefusalSubject } from '../../domain/change';
import type { Code, RequestCode } from '../../domain/codes';
import type { ConnectionId, DryRunId } from '../../domain/ids';
import { actorPayloadDigest, type Message, messageSchemas } from '../../domain/message';
import type { Action } from '../../domain/stages';
import { failureOf } from '../failures';
import { parseFields } from '../fields';
import { isOutOfStep } from '../operation/out-of-step';
import { probes, records } from '../proxies';
import { close } from './cancel';
import { resync } from './claim';
import { isTaken, record } from './identify';
import { judgeStage } from './messages';
import {
  type Activation,
  askedBy,
  type Intent,
  moved,
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
export async function perform(activation: Activation, intent: Intent): Promise<void> {
  const { action } = intent;
  const isSignal = intent.updateId === null;
  // A signal that was sent twice is one decision.
  if (isSignal && activation.handled.has(intent.key)) return;
  const parsed = parseFields(messageSchemas[action], intent.message);
  if (!parsed.ok) {
    // What isn't of its form isn't copied any further, so nobody finds out who sent it.
    await record(activation, SUBJECT[action], malformed(action), null);
    troubled(activation, malformed(action));
    return refuse(intent, malformed(action));
  }
  const misplaced = judgeStage(activation, action, parsed.value.operationId);
  if (misplaced !== null) return refuseAndRecord(activation, intent, misplaced.code, misplaced.detail);
  try {
    await ACTS[action](activation, intent);
    intent.answer ??= { ok: true };
    if (isSignal) remember(activation, intent);
  } catch (error) {
    const failure = failureOf(error);
    if (failure.kind === 'cancelled') throw error;
    if (intent.answer === null) refuse(intent, failure.code);
    if (failure.code === 'IDEMPOTENCY_KEY_REUSED') return;
    troubled(activation, failure.code, failure.text);
    if (isOutOfStep(failure)) return resync(activation, failure);
    const { planDigest } = standingOf(activation);
    if (planDigest !== null && VOIDS_PLAN.has(failure.code)) {
      await invalidate(activation, failure.code, 'dry-run');
    }
  }
}

type Act = (activation: Activation, intent: Intent) => Promise<void>;

const ACTS: Readonly<Record<Action, Act>> = {
  submitConnection: async (activation, intent) => {
    const step = { ...askedBy(activation, intent), connectionId: uuid4() as ConnectionId };
    const { connection } = intent.message as Message<'submitConnection'>;
    const { provider } = connection;
    const summary = `connection ${provider}`;
    moved(activation, await records.recordConnection.executeWithOptions({ summary }, [step]));
    activation.provider = provider;
    activation.findings = [];
    activation.owners = [];
    activation.trouble = null;
    activation.verifyFor = { sent: null, name: step.sent.name };
  },

  runVerification: async (activation, intent) => {
    if (!(await isTaken(activation, intent))) return;
    const sent = sentOf(intent);
    activation.verifyFor = { sent, name: sent.name };
  },

  launchDryRun: async (activation, intent) => {
    if (!(await isTaken(activation, intent))) return;
    if (standingOf(activation).connectionId === null) return refuse(intent, 'VERIFICATION_MISSING');
    intent.answer = { ok: true };
    const { standing, dryRun } = await probes.computeDryRun.executeWithOptions({ summary: 'dry-run' }, [
      { ...askedBy(activation, intent), dryRunId: uuid4() as DryRunId },
    ]);
    activation.findings = dryRun.findings;
    activation.trouble = null;
    moved(activation, standing);
    activation.dryRun = dryRun;
  },

  reviewDryRun: async (activation, intent) => {
    moved(
      activation,
      await records.recordReview.executeWithOptions({ summary: 'review of the dry-run' }, [
        askedBy(activation, intent),
      ]),
    );
  },

  approve: async (activation, intent) => {
    moved(activation, await judged(activation, intent, 'approve'));
  },

  reject: async (activation, intent) => {
    moved(activation, await judged(activation, intent, 'reject'));
    await close(activation, { outcome: 'rejected' });
  },

  launchLive: async (activation, intent) => {
    moved(
      activation,
      await records.launchLive.executeWithOptions({ summary: 'launch live' }, [askedBy(activation, intent)]),
    );
    activation.trouble = null;
  },

  recordHandoff: async (activation, intent) => {
    const { standing, currentVersion } = await records.recordHandoff.executeWithOptions(
      { summary: 'record the handoff' },
      [askedBy(activation, intent)],
    );
    activation.currentVersion = currentVersion;
    moved(activation, standing);
  },

  cancel: async (_activation, intent) => refuse(intent, 'STAGE_MISMATCH'),
};

const judged = (activation: Activation, intent: Intent, decision: 'approve' | 'reject') =>
  records.judgeApproval.executeWithOptions({ summary: `judge the customer’s ${decision}` }, [
    { ...askedBy(activation, intent), decision },
  ]);

/** The plan won't be carried out; the operation goes on from `to`. */
export async function invalidate(
  activation: Activation,
  reason: Code,
  to: 'verification' | 'dry-run',
): Promise<void> {
  const { planDigest } = standingOf(activation);
  activation.dryRun = null;
  if (planDigest === null) return;
  const step = { ...stepOf(activation, 'invalidate'), planDigest, reason, to };
  moved(
    activation,
    await records.invalidatePlan.executeWithOptions({ summary: `give up the plan: ${reason}` }, [step]),
  );
}

/** What a payload that isn't of its form is called: of a decision, that's what the ledger should say. */
const malformed = (action: Action): RequestCode =>
  action === 'approve' || action === 'reject' ? 'APPROVAL_MALFORMED' : 'INPUT_INVALID';

async function refuseAndRecord(
  activation: Activation,
  intent: Intent,
  code: RequestCode,
  detail: string | null,
): Promise<void> {
  troubled(activation, code);
  await record(activation, SUBJECT[intent.action], code, intent);
  refuse(intent, code, detail);
}

function remember(activation: Activation, intent: Intent): void {
  const { operationId, stage } = standingOf(activation);
  const { action } = intent;
  const payloadDigest = actorPayloadDigest(sentOf(intent).payload);
  activation.handled.set(intent.key, { operationId, action, stage, judged: true, payloadDigest });
}

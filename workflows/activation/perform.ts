import { uuid4 } from '@temporalio/workflow';
import type { Actor } from '../../domain/actor';
import type { RefusalSubject } from '../../domain/change';
import type { Code } from '../../domain/codes';
import { digestOf } from '../../domain/digest';
import type { ConnectionId, DryRunId } from '../../domain/ids';
import type { Action } from '../../domain/stages';
import { messageSchemas, type ParsedMessage } from '../contract/messages';
import { failureOf } from '../failures';
import { parseFields } from '../fields';
import { probes, records } from '../proxies';
import { close } from './cancel';
import { isOutOfStep, resync } from './claim';
import { identify, record } from './identify';
import { judgeStage } from './messages';
import { type Activation, type Intent, moved, refuse, standingOf, stepOf, troubled } from './state';

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

/** One message: who, may they, at this stage; then what it asks for. It's answered as soon as it is judged. */
export async function perform(activation: Activation, intent: Intent): Promise<void> {
  const { action } = intent;
  // A signal that was sent twice is one decision.
  if (intent.via === 'signal' && activation.handled.has(intent.key)) return;
  const parsed = parseFields(messageSchemas[action], intent.message);
  if (!parsed.ok) return refuseAndRecord(activation, intent, malformed(action), null);
  const actor = await identify(activation, intent);
  if (actor === null) return;
  const misplaced = judgeStage(activation, action, parsed.value.operationId);
  if (misplaced !== null) return refuseAndRecord(activation, intent, misplaced.code, misplaced.detail, actor);
  try {
    await ACTS[action](activation, intent, parsed.value as never, actor);
    intent.answer ??= { ok: true };
    if (intent.via === 'signal') remember(activation, intent);
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

/**
 * A message's step is named after the message: a reset sends the run's updates again, and continue-as-new forgets
 * their ids, but the store knows what it has carried out.
 */
const nameOf = ({ key }: Intent): string => digestOf(key).slice(0, 32);

type Act<A extends Action> = (
  activation: Activation,
  intent: Intent,
  message: ParsedMessage<A>,
  actor: Actor,
) => Promise<void>;

const ACTS: { readonly [A in Action]: Act<A> } = {
  submitConnection: async (activation, intent, { connection }, actor) => {
    const connectionId = uuid4() as ConnectionId;
    const step = {
      ...stepOf(activation, 'connection', actor, nameOf(intent)),
      connectionId,
      input: connection,
    };
    moved(
      activation,
      await records.recordConnection.executeWithOptions({ summary: `connection ${connection.provider}` }, [
        step,
      ]),
    );
    activation.provider = connection.provider;
    activation.findings = [];
    activation.trouble = null;
    activation.verifyFor = { actor, name: nameOf(intent) };
  },

  runVerification: async (activation, intent, _message, actor) => {
    activation.verifyFor = { actor, name: nameOf(intent) };
  },

  launchDryRun: async (activation, intent, _message, actor) => {
    const { connectionId } = standingOf(activation);
    if (connectionId === null) return refuse(intent, 'VERIFICATION_MISSING');
    intent.answer = { ok: true };
    const dryRunId = uuid4() as DryRunId;
    const { standing, dryRun } = await probes.computeDryRun.executeWithOptions({ summary: 'dry-run' }, [
      { ...stepOf(activation, 'dry-run', actor, nameOf(intent)), dryRunId, connectionId },
    ]);
    activation.findings = dryRun.findings;
    activation.trouble = null;
    moved(activation, standing);
    activation.dryRun = dryRun;
  },

  reviewDryRun: async (activation, intent, { planDigest, note }, actor) => {
    const { dryRunId } = standingOf(activation);
    if (dryRunId === null || activation.dryRun?.planDigest !== planDigest) {
      const isBlocked = activation.dryRun !== null && activation.dryRun.planDigest === null;
      const code = isBlocked ? 'DRY_RUN_NOT_CLEAN' : 'PLAN_UNKNOWN';
      return refuseAndRecord(activation, intent, code, null, actor);
    }
    const step = {
      ...stepOf(activation, 'review', actor, nameOf(intent)),
      dryRunId,
      planDigest,
      note: note ?? null,
    };
    moved(
      activation,
      await records.recordReview.executeWithOptions({ summary: 'review of the dry-run' }, [step]),
    );
  },

  approve: async (activation, _intent, message, actor) => {
    moved(activation, await judged(activation, 'approve', message, actor));
  },

  reject: async (activation, _intent, message, actor) => {
    moved(activation, await judged(activation, 'reject', message, actor));
    await close(activation, 'rejected', actor);
  },

  launchLive: async (activation, intent, { planDigest }, actor) => {
    if (standingOf(activation).planDigest !== planDigest) {
      return refuseAndRecord(activation, intent, 'PLAN_UNKNOWN', null, actor);
    }
    const step = { ...stepOf(activation, 'launch', actor, nameOf(intent)), planDigest };
    moved(activation, await records.launchLive.executeWithOptions({ summary: 'launch live' }, [step]));
    activation.trouble = null;
  },

  recordHandoff: async (activation, intent, { contacts, runbook }, actor) => {
    const step = { ...stepOf(activation, 'handoff', actor, nameOf(intent)), contacts, runbook };
    const { standing, currentVersion } = await records.recordHandoff.executeWithOptions(
      { summary: 'record the handoff' },
      [step],
    );
    activation.currentVersion = currentVersion;
    moved(activation, standing);
  },

  cancel: async (_activation, intent) => refuse(intent, 'STAGE_MISMATCH'),
};

function judged(
  activation: Activation,
  decision: 'approve' | 'reject',
  { planDigest, evidence }: ParsedMessage<'approve'>,
  actor: Actor,
) {
  const { dryRunId } = standingOf(activation);
  const { key: _unused, ...step } = stepOf(activation, 'approval', actor);
  return records.judgeApproval.executeWithOptions({ summary: `judge the customer’s ${decision}` }, [
    { ...step, dryRunId: dryRunId ?? ('' as DryRunId), planDigest, decision, evidence },
  ]);
}

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
const malformed = (action: Action): Code =>
  action === 'approve' || action === 'reject' ? 'APPROVAL_MALFORMED' : 'INPUT_INVALID';

async function refuseAndRecord(
  activation: Activation,
  intent: Intent,
  code: Code,
  detail: string | null,
  actor: Actor = { kind: 'temporal:unverified', name: 'temporal' },
): Promise<void> {
  troubled(activation, code);
  await record(activation, SUBJECT[intent.action], code, actor);
  refuse(intent, code, detail);
}

function remember(activation: Activation, intent: Intent): void {
  const { operationId, stage } = standingOf(activation);
  activation.handled.set(intent.key, { operationId, action: intent.action, stage, judged: true });
}

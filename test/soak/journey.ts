import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import type { JsonObject } from '../../domain/canonical';
import type { ConnectionInput } from '../../domain/connection';
import type { ApprovedKind } from '../../domain/custody';
import type { Action } from '../../domain/stages';
import { waitUntil } from '../../scripts/parts/wait';
import type { OperationRecord, Store } from '../../store/contract';
import type { Ours, Prepared } from '../bench/activation/ours';

const COMES_TO_ITS_END_WITHIN_MS = 5 * 60_000;
const BETWEEN_MS = 200;
/** What was asked for is carried out after its answer. */
const CARRIED_OUT_WITHIN_MS = 10_000;
const HANDOFF = {
  contacts: [{ name: 'Security desk', email: 'security@acme.example', duty: 'security' }],
  runbook: ['https://wiki.acme.example/keys'],
};

/**
 * An operation that people approve, from its start to its good end, whatever is ended, killed or rotated meanwhile: each time
 * the store is asked where it stands, and whoever is awaited does what is awaited of them.
 * @param connection what it leads to; `null`: to a platform key
 * @throws Error where it came to no end
 */
export async function comesThrough(
  ours: Ours,
  prepared: Prepared,
  kind: ApprovedKind,
  connection: ConnectionInput | null,
): Promise<void> {
  const { store } = ours;
  const { name } = prepared;
  const before = (await present(store, prepared))?.id ?? null;
  let trouble: unknown = null;
  const isThrough = async (): Promise<boolean> => {
    try {
      const operation = await present(store, prepared);
      const isBegun = operation?.kind === kind && operation.id !== before;
      if (isBegun && operation.outcome === 'completed') return true;
      // What a rotation or a lost worker made of it: it is started again.
      if (!isBegun || operation.stage === 'closed') await ours.start(kind, name);
      else await goOn(ours, prepared, operation, connection);
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) trouble = error;
    }
    return false;
  };
  if (await waitUntil(isThrough, COMES_TO_ITS_END_WITHIN_MS, BETWEEN_MS)) return;
  throw new Error(`${kind} of ${name} came to no end, at last by ${String(trouble)}`);
}

const present = async (store: Store, { name }: Prepared): Promise<OperationRecord | null> =>
  (await store.status(name))?.operation ?? null;

/** The next thing that somebody does. What is refused is tried again: something else was first. */
async function goOn(
  ours: Ours,
  prepared: Prepared,
  { id: operationId, kind, stage, holdsLock, dryRunId, planDigest, approved }: OperationRecord,
  connection: ConnectionInput | null,
): Promise<void> {
  const { name } = prepared;
  const send = (role: 'support' | 'customer-admin' | 'approver', action: Action, message: JsonObject) =>
    ours.send(kind as ApprovedKind, name, role, action, { operationId, ...message });
  const carriedOut = (isSo: (now: OperationRecord) => boolean) =>
    waitUntil(
      async () => {
        const now = await present(ours.store, prepared);
        return now !== null && isSo(now);
      },
      CARRIED_OUT_WITHIN_MS,
      BETWEEN_MS,
    );
  switch (stage) {
    case 'setup':
      return connection === null ? undefined : send('customer-admin', 'submitConnection', { connection });
    case 'verification':
      await send('support', 'runVerification', {});
      return void (await carriedOut((now) => now.stage !== 'verification'));
    case 'dry-run':
      if (planDigest !== null) return send('support', 'reviewDryRun', { planDigest });
      await send('support', 'launchDryRun', { dryRun: true });
      return void (await carriedOut((now) => now.planDigest !== null));
    case 'approval': {
      if (planDigest === null || dryRunId === null) return;
      if (kind === 'offboard' && approved) return send('approver', 'approveOffboarding', { planDigest });
      const approval = await ours.approvalOf(prepared, { operationId, dryRunId, planDigest });
      return send('customer-admin', 'approve', approval);
    }
    case 'live':
      return holdsLock || planDigest === null ? undefined : send('support', 'launchLive', { planDigest });
    case 'handoff':
      return send('support', 'recordHandoff', HANDOFF);
    // The operation's own to go on from.
    case 'entitlement':
    case 'sealing':
    case 'closed':
      return undefined;
    default: {
      const unknown: never = stage;
      throw new Error(`unknown stage ${String(unknown)}`);
    }
  }
}

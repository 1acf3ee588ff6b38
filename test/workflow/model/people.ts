import { WorkflowNotFoundError, WorkflowUpdateFailedError } from '@temporalio/client';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { type ApprovedKind, isApproved, type OperationKind } from '../../../domain/custody';
import type { OperationId } from '../../../domain/ids';
import type { Action } from '../../../domain/stages';
import { waitUntil } from '../../../scripts/parts/wait';
import { resuming } from '../../../workflows/contract';
import { Change } from '../support/connection-change';
import { ANN, BO, Offboarding } from '../support/offboarding';
import type { Story } from '../support/story';
import { demandWhole } from './whole';

/** What the workflows refuse, or aren't there for: that is theirs to say. */
export async function heard(said: Promise<unknown>): Promise<void> {
  try {
    await said;
  } catch (error) {
    const isAnswer =
      error instanceof WorkflowUpdateFailedError ||
      error instanceof WorkflowNotFoundError ||
      error instanceof WorkflowExecutionAlreadyStartedError;
    if (!isAnswer) throw error;
  }
}

const rowsOf = ({ world, id }: Story) => world.store.rows(id);
export const operationOf = (story: Story, kind: OperationKind) =>
  rowsOf(story).operations.findLast((each) => each.kind === kind);
export const isOpen = (story: Story, kind: OperationKind): boolean => {
  const operation = operationOf(story, kind);
  return operation !== undefined && operation.stage !== 'closed';
};

/** The one that people approve, of whatever kind. */
export const openOf = (story: Story) =>
  rowsOf(story).operations.findLast(({ kind, stage }) => isApproved(kind) && stage !== 'closed');

/** In customer custody, with nothing of that kind under way. */
export const isActive = (story: Story): boolean =>
  rowsOf(story).custody?.custody === 'customer' && openOf(story) === undefined;

/** Who moves operations of a kind. */
interface People {
  start(): Promise<unknown>;
  /** The customer enters what their operation leads to, if it leads to something of theirs. */
  connect(): Promise<unknown>;
  send(action: Action, payload: Record<string, unknown>): Promise<unknown>;
  decision(): Promise<{ readonly planDigest: string; readonly evidence: unknown }>;
}

export function peopleOf(story: Story, kind: ApprovedKind): People {
  switch (kind) {
    case 'activate':
      return story;
    case 'change-connection': {
      // To the other provider than the one that is in use.
      const { custody, connections } = rowsOf(story);
      const inUse = connections.get(custody?.connectionId ?? ('' as never));
      return Change.of(story, inUse?.input.provider ?? 'azure-key-vault');
    }
    case 'offboard': {
      const offboarding = new Offboarding(story);
      return {
        start: () => offboarding.start(),
        connect: async () => undefined,
        decision: () => offboarding.decision(),
        send: (action, payload) =>
          offboarding.send(action, payload, action === 'approveOffboarding' ? BO : ANN),
      };
    }
    default: {
      const unknown: never = kind;
      throw new Error(`unknown kind ${String(unknown)}`);
    }
  }
}

/** What is carried out after its answer: whoever asked looks for it a while before they ask again. */
async function carriedOut(
  story: Story,
  { id }: Pick<OperationRow, 'id'>,
  isSo: (now: OperationRow) => boolean,
): Promise<void> {
  await waitUntil(
    async () =>
      rowsOf(story).operations.some((each) => each.id === id && (each.stage === 'closed' || isSo(each))),
    2_000,
    20,
  );
}
type OperationRow = ReturnType<typeof rowsOf>['operations'][number];

/** A run that goes on with an operation; where there's one, nothing. */
function goOnWith({ rig, name }: Story, kind: OperationKind, id: string): Promise<void> {
  const { type, options } = resuming(kind, name, id as OperationId);
  return heard(rig.client.workflow.start(type, options));
}

/**
 * The next thing that somebody does in the operation that is open. A run that is gone is started again; with nothing open the
 * organization is activated, if it isn't.
 */
export async function goOn(story: Story, signed: Set<string>): Promise<void> {
  const open = openOf(story);
  const reference = demandWhole(story, signed);
  const { spareLeft } = reference;
  if (spareLeft !== undefined) await goOnWith(story, spareLeft.kind, spareLeft.id);
  if (open === undefined) return isActive(story) ? undefined : heard(story.start());
  await goOnWith(story, open.kind, open.id);
  const kind = open.kind as ApprovedKind;
  const people = peopleOf(story, kind);
  const { plan, approved } = reference.operations.get(open.id) ?? {};
  const planDigest = plan?.digest ?? null;
  switch (open.stage) {
    case 'setup':
      return heard(people.connect());
    case 'verification':
      await heard(people.send('runVerification', {}));
      return carriedOut(story, open, ({ stage }) => stage !== 'verification');
    case 'dry-run':
      if (planDigest !== null) return heard(people.send('reviewDryRun', { planDigest }));
      await heard(people.send('runVerification', {}));
      await heard(people.send('launchDryRun', { dryRun: true }));
      return carriedOut(story, open, ({ dryRunId }) => dryRunId !== null && dryRunId !== open.dryRunId);
    case 'approval': {
      if (kind === 'offboard' && approved === true) {
        signed.add(`approveOffboarding/${planDigest}`);
        return heard(people.send('approveOffboarding', { planDigest }));
      }
      const decision = await people.decision();
      signed.add(`approve/${decision.planDigest}`);
      return heard(people.send('approve', decision));
    }
    case 'live':
      return open.holdsLock ? undefined : heard(people.send('launchLive', { planDigest }));
    case 'handoff': {
      const contacts = [{ name: 'Ada', email: 'ada@acme.example', duty: 'escalation' }];
      return heard(people.send('recordHandoff', { contacts, runbook: [] }));
    }
    // The operation's own to go on from.
    case 'entitlement':
    case 'sealing':
    case 'closed':
      return undefined;
    default: {
      const unknown: never = open.stage;
      throw new Error(`unknown stage ${String(unknown)}`);
    }
  }
}

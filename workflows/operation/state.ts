import { uuid4 } from '@temporalio/workflow';
import type { DryRunSummary } from '../../activities/dry-run';
import type { Asked, Sent } from '../../activities/sender';
import type { WorkflowSettings } from '../../activities/settings';
import type { Place, Standing, Step } from '../../activities/step';
import type { Code, Owner, RequestCode } from '../../domain/codes';
import type { ProviderName } from '../../domain/custody';
import { digestOf } from '../../domain/digest';
import type { Finding } from '../../domain/finding';
import type { Instant, KeyVersion, OrganizationName } from '../../domain/ids';
import { instantOf } from '../../domain/ids';
import type { Action } from '../../domain/stages';
import type { Acknowledgement } from '../contract/messages';
import type { LiveStep } from '../contract/status';
import { textOf } from '../failures';
import type { Shape } from './shape';

/** A message on its way through the main loop. */
export interface Intent {
  readonly action: Action;
  readonly message: unknown;
  /** The update's id; `null`: a signal. */
  readonly updateId: string | null;
  /** Names the message across continue-as-new: the update's id, or the digest of a signal's payload. */
  readonly key: string;
  answer:
    | { readonly ok: true }
    | { readonly ok: false; readonly code: Code; readonly detail: string | null }
    | null;
}

/** What a run hands to the run that continues it; everything else is read from the store. */
export interface Carried {
  readonly handled: readonly (readonly [string, Acknowledgement])[];
  readonly sinceMs: number;
  readonly reminded: number;
  readonly findings: readonly Finding[];
  readonly owners: readonly Owner[];
  readonly provider: ProviderName | null;
  readonly trouble: Operation['trouble'];
}

/** All that one run of an operation knows. Only the main loop changes `standing`. */
export interface Operation {
  /** What operations of its kind do their own way. */
  readonly shape: Shape;
  readonly organization: OrganizationName;
  readonly settings: WorkflowSettings;
  /** The input it was started with; `null` where this run continues another. */
  readonly start: Sent | null;
  readonly inbox: Intent[];
  readonly handled: Map<string, Acknowledgement>;
  /** `null` until the operation is claimed. */
  standing: Standing | null;
  /** The run that holds the epoch. */
  claimant: string;
  dryRun: DryRunSummary | null;
  findings: readonly Finding[];
  /** Whose the last verification's failures are, or the trouble that came in its way; of none: nobody's. */
  owners: readonly Owner[];
  provider: ProviderName | null;
  currentVersion: KeyVersion | null;
  step: LiveStep | null;
  trouble: { readonly code: Code; readonly text: string; readonly at: Instant } | null;
  /** A verification that hasn't run yet: asked for by a message, or the operation's own; and the name of its step. */
  verifyFor: { readonly sent: Sent | null; readonly name: string } | null;
  /** When the present wait began, and how many of its reminders are sent. */
  sinceMs: number;
  reminded: number;
  /** The main loop is at work rather than waiting. */
  busy: boolean;
  /** From the moment the switch is asked for, nothing is cancelled. */
  irreversible: boolean;
  /** The operation as the `cancel` update closed it. */
  cancelled: Standing | null;
  /** Nothing is taken up any more. */
  ended: boolean;
}

export const newOperation = (
  shape: Shape,
  organization: OrganizationName,
  start: Sent | null,
  carried: Carried | null,
): Operation => ({
  shape,
  organization,
  start,
  settings: { operationDeadlineMs: 0, platformRefusals: { count: 0, overMs: 0 }, historyEvents: 0 },
  inbox: [],
  handled: new Map(carried?.handled ?? []),
  standing: null,
  claimant: '',
  dryRun: null,
  findings: carried?.findings ?? [],
  owners: carried?.owners ?? [],
  provider: carried?.provider ?? null,
  currentVersion: null,
  step: null,
  trouble: carried?.trouble ?? null,
  verifyFor: null,
  sinceMs: carried?.sinceMs ?? Date.now(),
  reminded: carried?.reminded ?? 0,
  busy: true,
  irreversible: false,
  cancelled: null,
  ended: false,
});

/** The claimed operation. Asked for only by what runs after the claim. */
export function standingOf(operation: Operation): Standing {
  if (operation.standing === null) throw new Error('the operation is not claimed yet');
  return operation.standing;
}

/** Where the operation stands, as its next step says it. */
export function placeOf(operation: Operation): Place {
  const { organization, operationId, epoch, stage } = standingOf(operation);
  return { organization, operationId, epoch, stage };
}

/** A step of the operation's own. `name` tells it from others of its kind; by default no other has the same. */
export const stepOf = (operation: Operation, kind: string, name = uuid4()): Step => ({
  ...placeOf(operation),
  key: `${kind}/${name}`,
});

/**
 * A message's step is named after the message: a reset sends the run's updates again, and continue-as-new forgets
 * their ids, but the store knows what it has carried out.
 */
export const sentOf = ({ message, updateId, key }: Intent): Sent => ({
  // Of its form, which is judged before anything is asked for by it.
  payload: message as Sent['payload'],
  updateId,
  name: digestOf(key).slice(0, 32),
});

/** The step that a message asks for: who sent it is found out where it's carried out. */
export const askedBy = (operation: Operation, intent: Intent): Asked => ({
  ...placeOf(operation),
  sent: sentOf(intent),
});

/** Something moved: the wait for it is over, another begins. */
export function moved(operation: Operation, standing: Standing): void {
  operation.standing = standing;
  if (standing.dryRunId === null) operation.dryRun = null;
  operation.sinceMs = Date.now();
  operation.reminded = 0;
}

export function troubled(operation: Operation, code: Code, text: string = textOf(code)): void {
  operation.trouble = { code, text, at: instantOf(Date.now()) };
}

export function refuse(intent: Intent, code: Code | RequestCode, detail: string | null = null): void {
  intent.answer = { ok: false, code, detail };
}

import { uuid4, workflowInfo } from '@temporalio/workflow';
import type { DryRunSummary } from '../../activities/dry-run';
import type { WorkflowSettings } from '../../activities/settings';
import type { Standing, Step } from '../../activities/step';
import { type Actor, SYSTEM } from '../../domain/actor';
import type { Code, RequestCode } from '../../domain/codes';
import type { ProviderName } from '../../domain/custody';
import type { Finding } from '../../domain/finding';
import type { Instant, KeyVersion, OrganizationName } from '../../domain/ids';
import { instantOf } from '../../domain/ids';
import type { Action } from '../../domain/stages';
import type { Acknowledgement } from '../contract/messages';
import type { LiveStep } from '../contract/status';
import { textOf } from '../failures';

/** A message on its way through the main loop. */
export interface Intent {
  readonly action: Action;
  readonly message: unknown;
  readonly via: 'update' | 'signal';
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
  readonly provider: ProviderName | null;
  readonly trouble: Activation['trouble'];
}

/** All that one run of `activateCustomerKey` knows. Only the main loop changes `standing`. */
export interface Activation {
  readonly organization: OrganizationName;
  readonly settings: WorkflowSettings;
  readonly inbox: Intent[];
  readonly handled: Map<string, Acknowledgement>;
  /** `null` until the operation is claimed. */
  standing: Standing | null;
  /** The run that holds the epoch. */
  claimant: string;
  dryRun: DryRunSummary | null;
  findings: readonly Finding[];
  provider: ProviderName | null;
  currentVersion: KeyVersion | null;
  step: LiveStep | null;
  trouble: { readonly code: Code; readonly text: string; readonly at: Instant } | null;
  /** A verification that was asked for and hasn't run yet: by whom, and the name of its step. */
  verifyFor: { readonly actor: Actor; readonly name: string } | null;
  /** When the present wait began, and how many of its reminders are sent. */
  sinceMs: number;
  reminded: number;
  /** The main loop is at work rather than waiting. */
  busy: boolean;
  /** From the moment the switch is asked for, nothing is cancelled. */
  irreversible: boolean;
  cancelledBy: Actor | null;
  /** Nothing is taken up any more. */
  ended: boolean;
}

export const newActivation = (organization: OrganizationName, carried: Carried | null): Activation => ({
  organization,
  settings: { operationDeadlineMs: 0, platformRefusals: { count: 0, overMs: 0 }, historyEvents: 0 },
  inbox: [],
  handled: new Map(carried?.handled ?? []),
  standing: null,
  claimant: '',
  dryRun: null,
  findings: carried?.findings ?? [],
  provider: carried?.provider ?? null,
  currentVersion: null,
  step: null,
  trouble: carried?.trouble ?? null,
  verifyFor: null,
  sinceMs: carried?.sinceMs ?? Date.now(),
  reminded: carried?.reminded ?? 0,
  busy: true,
  irreversible: false,
  cancelledBy: null,
  ended: false,
});

/** The claimed operation. Asked for only by what runs after the claim. */
export function standingOf(activation: Activation): Standing {
  if (activation.standing === null) throw new Error('the operation is not claimed yet');
  return activation.standing;
}

/** A step of the operation from where it stands. `key` names it; by default no other step has the same. */
export function stepOf(activation: Activation, kind: string, actor: Actor = SYSTEM, name = uuid4()): Step {
  const { organization, operationId, epoch, stage } = standingOf(activation);
  return { organization, operationId, epoch, stage, key: `${kind}/${name}`, actor };
}

/** Something moved: the wait for it is over, another begins. */
export function moved(activation: Activation, standing: Standing): void {
  activation.standing = standing;
  if (standing.dryRunId === null) activation.dryRun = null;
  activation.sinceMs = Date.now();
  activation.reminded = 0;
}

export function troubled(activation: Activation, code: Code, text: string = textOf(code)): void {
  activation.trouble = { code, text, at: instantOf(Date.now()) };
}

export const isReset = (activation: Activation): boolean => activation.claimant !== workflowInfo().runId;

export function refuse(intent: Intent, code: Code | RequestCode, detail: string | null = null): void {
  intent.answer = { ok: false, code, detail };
}

import type { Owner } from './codes';
import type { OperationKind } from './custody';

/** The stages of an arrangement, in order, as the customer reads them. */
export const STAGES = [
  'entitlement',
  'setup',
  'verification',
  'dry-run',
  'approval',
  'live',
  'handoff',
] as const;
export type Stage = (typeof STAGES)[number];

/**
 * Where an operation stands, as the fence knows it. Two more words than the stages: `sealing` is the part of
 * `live` after the point of no return, `closed` is the end, whatever the outcome.
 */
export const OPERATION_STAGES = [...STAGES.slice(0, 6), 'sealing', 'handoff', 'closed'] as const;
export type OperationStage = Stage | 'sealing' | 'closed';

export type Outcome = 'completed' | 'refused' | 'cancelled' | 'rejected' | 'expired' | 'abandoned';

/**
 * Where an operation of each kind begins. A rotation needs no entitlement and no new connection: it verifies the one in
 * use, and goes on by itself (`verification` → `live` → `sealing` → `closed`).
 */
export const FIRST_STAGE = {
  create: 'entitlement',
  activate: 'entitlement',
  rotate: 'verification',
  'change-connection': 'entitlement',
  offboard: 'entitlement',
} as const satisfies Record<OperationKind, OperationStage>;

/** What a person may ask of an activation. The same words name the workflow's messages, routes and buttons. */
export const ACTIONS = [
  'submitConnection',
  'runVerification',
  'launchDryRun',
  'reviewDryRun',
  'approve',
  'reject',
  'launchLive',
  'recordHandoff',
  'cancel',
] as const;
export type Action = (typeof ACTIONS)[number];

/** Which action is allowed at which stage: drives the workflow, the API and every button. */
export const ALLOWED_ACTIONS: Readonly<Record<OperationStage, readonly Action[]>> = {
  entitlement: ['cancel'],
  setup: ['submitConnection', 'cancel'],
  verification: ['submitConnection', 'runVerification', 'cancel'],
  'dry-run': ['submitConnection', 'runVerification', 'launchDryRun', 'reviewDryRun', 'cancel'],
  approval: ['submitConnection', 'runVerification', 'launchDryRun', 'approve', 'reject', 'cancel'],
  live: ['launchLive', 'submitConnection', 'runVerification', 'launchDryRun', 'cancel'],
  sealing: [],
  handoff: ['recordHandoff'],
  closed: [],
};

export function isAllowed(stage: OperationStage, action: Action): boolean {
  return ALLOWED_ACTIONS[stage].includes(action);
}

export interface Awaiting {
  readonly who: Awaited;
  readonly what: string;
}

/** Who is awaited at a stage, and what for; `null` where nobody is. */
export const AWAITED: Readonly<Record<OperationStage, Awaiting | null>> = {
  entitlement: null,
  setup: {
    who: 'customer-admin',
    what: 'enter the provider, key identifier, credential reference, region or tenant',
  },
  verification: { who: 'customer-admin', what: 'mend what the findings name, then run verification again' },
  'dry-run': { who: 'support', what: 'launch the dry-run, then review it with the customer' },
  approval: { who: 'customer-admin', what: 'review the plan and sign it' },
  live: { who: 'support', what: 'launch live activation with the approved plan digest' },
  sealing: null,
  handoff: { who: 'support', what: 'record escalation contacts and runbook references' },
  closed: null,
};
export type Awaited = 'customer-admin' | 'support';

const NOTHING_TO_MEND: Readonly<Record<Exclude<Owner, 'customer'>, string>> = {
  operator: 'mend what is ours, then run verification again; the customer has nothing to mend',
  provider: 'run verification again once the provider answers; the customer has nothing to mend',
};

/**
 * {@link AWAITED}, knowing whose the last verification's failures are: the customer isn't awaited where none is theirs.
 * @param owners none: it is clean, or there's none
 */
export function awaitedAt(stage: OperationStage, owners: readonly Owner[]): Awaiting | null {
  if (stage !== 'verification' || owners.length === 0 || owners.includes('customer')) return AWAITED[stage];
  return { who: 'support', what: NOTHING_TO_MEND[owners.includes('operator') ? 'operator' : 'provider'] };
}

/** A wait before the switch ends after so many days, and with it the operation: `expired`. */
export const WAIT_ENDS_DAYS = 60;

/** The stage people read for an operation's stage. */
export function stageShown(stage: OperationStage): Stage {
  switch (stage) {
    case 'sealing':
      return 'live';
    case 'closed':
      return 'handoff';
    case 'entitlement':
    case 'setup':
    case 'verification':
    case 'dry-run':
    case 'approval':
    case 'live':
    case 'handoff':
      return stage;
    default: {
      const unknown: never = stage;
      throw new Error(`unknown stage ${String(unknown)}`);
    }
  }
}

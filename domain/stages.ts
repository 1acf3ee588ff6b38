import type { Owner } from './codes';
import type { ApprovedKind, OperationKind } from './custody';

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

export const OUTCOMES = ['completed', 'refused', 'cancelled', 'rejected', 'expired', 'abandoned'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/**
 * Where an operation of each kind begins. What goes by the connection in use needs no entitlement and no set-up: it verifies
 * that one. A rotation goes on from there by itself (`verification` → `live` → `sealing` → `closed`).
 */
export const FIRST_STAGE = {
  create: 'entitlement',
  activate: 'entitlement',
  rotate: 'verification',
  'change-connection': 'entitlement',
  offboard: 'verification',
} as const satisfies Record<OperationKind, OperationStage>;

/** What a person may ask of an operation. The same words name the workflow's messages, routes and buttons. */
export const ACTIONS = [
  'submitConnection',
  'runVerification',
  'launchDryRun',
  'reviewDryRun',
  'approve',
  'reject',
  'approveOffboarding',
  'launchLive',
  'recordHandoff',
  'cancel',
] as const;
export type Action = (typeof ACTIONS)[number];

/** What opens an operation that people approve. */
export const STARTS = ['startActivation', 'startConnectionChange', 'startOffboarding'] as const;
export type Start = (typeof STARTS)[number];

type ByStage<T> = Readonly<Record<OperationStage, T>>;

const ACTIVATING: ByStage<readonly Action[]> = {
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

/** Which action is allowed at which stage of an operation: drives the workflow, the API and every button. */
export const ALLOWED_ACTIONS: Readonly<Record<ApprovedKind, ByStage<readonly Action[]>>> = {
  activate: ACTIVATING,
  // The contacts are those of the activation: it ends without a handoff.
  'change-connection': { ...ACTIVATING, handoff: [] },
  // It goes by the connection in use, so none is entered.
  offboard: {
    entitlement: ['cancel'],
    setup: [],
    verification: ['runVerification', 'cancel'],
    'dry-run': ['runVerification', 'launchDryRun', 'reviewDryRun', 'cancel'],
    approval: ['runVerification', 'launchDryRun', 'approve', 'reject', 'approveOffboarding', 'cancel'],
    live: ['launchLive', 'runVerification', 'launchDryRun', 'cancel'],
    sealing: [],
    handoff: ['recordHandoff'],
    closed: [],
  },
};

export function isAllowed(kind: ApprovedKind, stage: OperationStage, action: Action): boolean {
  return ALLOWED_ACTIONS[kind][stage].includes(action);
}

/** Stages at which an action is allowed: none, where operations of that kind know no such thing. */
export const stagesFor = (kind: ApprovedKind, action: Action): readonly OperationStage[] =>
  OPERATION_STAGES.filter((stage) => isAllowed(kind, stage, action));

export interface Awaiting {
  readonly who: Awaited;
  readonly what: string;
}
export type Awaited = 'customer-admin' | 'support' | 'approver';

const AWAITED_IN_ACTIVATION: ByStage<Awaiting | null> = {
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

/** Who is awaited at a stage of an operation, and what for; `null` where nobody is. */
export const AWAITED: Readonly<Record<ApprovedKind, ByStage<Awaiting | null>>> = {
  activate: AWAITED_IN_ACTIVATION,
  'change-connection': {
    ...AWAITED_IN_ACTIVATION,
    setup: {
      who: 'customer-admin',
      what: 'enter the new connection: provider, key identifier, credential reference, region or tenant',
    },
    live: { who: 'support', what: 'launch the change with the approved plan digest' },
    handoff: null,
  },
  offboard: {
    ...AWAITED_IN_ACTIVATION,
    setup: null,
    // Where it finds anything the offboarding ends: nothing is mended in it, and nobody asked for another.
    verification: null,
    live: { who: 'support', what: 'launch the offboarding with the approved plan digest' },
    handoff: {
      who: 'support',
      what: 'tell the customer which key is safe to disable (`smsk keys`), and record contacts and runbook references',
    },
  },
};

const AWAITED_OPERATOR: Awaiting = {
  who: 'approver',
  what: 'approve the plan, as another person than the one that started it',
};

const NOTHING_TO_MEND: Readonly<Record<Exclude<Owner, 'customer'>, string>> = {
  operator: 'mend what is ours, then run verification again; the customer has nothing to mend',
  provider: 'run verification again once the provider answers; the customer has nothing to mend',
};

/**
 * {@link AWAITED}, knowing whose the last verification's failures are: the customer isn't awaited where none is theirs.
 * @param owners none: it is clean, or there's none
 * @param isSigned the customer has approved the plan
 */
export function awaitedAt(
  kind: ApprovedKind,
  stage: OperationStage,
  owners: readonly Owner[],
  isSigned: boolean,
): Awaiting | null {
  if (kind === 'offboard' && stage === 'approval' && isSigned) return AWAITED_OPERATOR;
  if (kind === 'offboard' || stage !== 'verification' || owners.length === 0 || owners.includes('customer'))
    return AWAITED[kind][stage];
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

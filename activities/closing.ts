import { SYSTEM, UNVERIFIED } from '../domain/actor';
import type { Code } from '../domain/codes';
import { Refusal } from '../domain/failure';
import { type KeyVersion, msOf, type Sha256Hex } from '../domain/ids';
import { FIRST_STAGE, WAIT_ENDS_DAYS } from '../domain/stages';
import { demandSignature } from './approved';
import { closeBeforeSwitch } from './close-before-switch';
import type { CustodyDeps } from './deps';
import { type Asked, carryOut, type Sent } from './sender';
import { type By, commitAs, commitStep, type Place, type Standing, type Step, standingNow } from './step';

type Deps = Pick<CustodyDeps, 'store' | 'authority'>;

/** Why an operation ends before its switch. Each is judged here: the run that says so proves nothing by saying it. */
export type Ending =
  /** By a message, or by the Temporal UI's Cancel, which carries nobody's word. */
  | { readonly outcome: 'cancelled'; readonly sent: Sent | null }
  | { readonly outcome: 'expired' }
  /** The customer's signed rejection is on record. */
  | { readonly outcome: 'rejected' }
  /** For want of an entitlement; of an offboarding, because the key it would move away from doesn't verify. */
  | { readonly outcome: 'refused'; readonly reason: Code };

type Closing = Omit<Place, 'stage'> & { readonly ending: Ending };

/** Ends an operation before its switch, whatever stage it has come to meanwhile; custody stays as it was. */
export async function closeOperation(deps: Deps, step: Closing): Promise<Standing> {
  const { ending } = step;
  const close = (by: By) => closeNow(deps, step, by);
  switch (ending.outcome) {
    case 'cancelled': {
      const { sent } = ending;
      if (sent === null) return close({ actor: UNVERIFIED, name: 'close/ui' });
      const { stage } = await standingNow(deps.store, step);
      return carryOut(deps, { ...step, stage, sent }, 'cancel', 'live', (_message, by) =>
        close({ ...by, name: `close/${by.name}` }),
      );
    }
    case 'expired':
    case 'rejected':
    case 'refused':
      return close({ actor: SYSTEM, name: `close/${ending.outcome}` });
    default: {
      const unknown: never = ending;
      throw new Error(`unknown ending ${String(unknown)}`);
    }
  }
}

function closeNow(deps: Deps, { ending, ...step }: Closing, by: By): Promise<Standing> {
  const { outcome } = ending;
  const end = { outcome, reason: ending.outcome === 'refused' ? ending.reason : null };
  return closeBeforeSwitch(deps.store, step, by, end, (standing) => demandEnding(deps, standing, ending));
}

/** Temporal's clock and the database's are not the same. */
const CLOCKS_APART_MS = 3_600_000;

async function demandEnding({ store, authority }: Deps, standing: Standing, ending: Ending): Promise<void> {
  switch (ending.outcome) {
    case 'cancelled':
      return;
    case 'refused':
      // An offboarding that isn't verified changes nothing, so whoever says so is believed.
      if (standing.stage !== FIRST_STAGE[standing.kind]) throw new Refusal('STAGE_MISMATCH');
      return;
    case 'expired': {
      const waitedMs = msOf(await store.now()) - msOf(standing.stageSince);
      if (waitedMs < WAIT_ENDS_DAYS * 86_400_000 - CLOCKS_APART_MS) throw new Refusal('STAGE_MISMATCH');
      return;
    }
    case 'rejected': {
      const record = await store.dryRun(standing.operationId, 'current');
      if (record?.plan == null) throw new Refusal('PLAN_UNKNOWN');
      return demandSignature({ store, authority }, standing.organization.id, record.plan, 'reject');
    }
    default: {
      const unknown: never = ending;
      throw new Error(`unknown ending ${String(unknown)}`);
    }
  }
}

/** Gives up a plan, not the operation: its review, approval, staged envelopes and lock go with it. */
export async function invalidatePlan(
  { store }: Pick<Deps, 'store'>,
  step: Step & {
    readonly planDigest: Sha256Hex;
    readonly reason: Code;
    readonly to: 'verification' | 'dry-run';
  },
): Promise<Standing> {
  const { planDigest, reason, to } = step;
  await commitStep(store, step, { type: 'plan-invalidated', planDigest, reason }, to);
  return standingNow(store, step);
}

/** Stage `handoff`: contacts and runbook are on record, and the operation has ended well. */
export async function recordHandoff(
  deps: Deps,
  step: Asked,
): Promise<{ standing: Standing; currentVersion: KeyVersion | null }> {
  const { store } = deps;
  await carryOut(deps, step, 'recordHandoff', 'live', ({ contacts, runbook }, { actor, name }) =>
    commitAs(
      store,
      step,
      { actor, name: `handoff/${name}` },
      { type: 'handoff-recorded', contacts, runbook },
      'closed',
      { closing: { outcome: 'completed', reason: null } },
    ),
  );
  const status = await store.status(step.organization.name);
  return {
    standing: await standingNow(store, step),
    currentVersion: status?.custody?.currentVersion ?? null,
  };
}

import type { ChangeOf } from '../domain/change';
import type { Code } from '../domain/codes';
import { Refusal } from '../domain/failure';
import type { KeyVersion, Sha256Hex } from '../domain/ids';
import type { Outcome } from '../domain/stages';
import type { CustodyDeps } from './deps';
import { commitStep, type Standing, type Step, standingNow } from './step';

type Deps = Pick<CustodyDeps, 'store'>;

/** Ends an operation before its switch, whatever stage it has come to meanwhile; custody stays as it was. */
export async function closeOperation(
  { store }: Deps,
  step: Omit<Step, 'stage'> & { readonly outcome: Outcome; readonly reason: Code | null },
): Promise<Standing> {
  const { outcome, reason } = step;
  const standing = await standingNow(store, step);
  const { stage } = standing;
  // As when this step's answer was lost.
  if (stage === 'closed') return standing;
  if (stage === 'sealing' || stage === 'handoff') throw new Refusal('STAGE_MISMATCH');
  await commitStep(store, { ...step, stage }, { type: 'operation-closed', outcome, reason }, 'closed', {
    closing: { outcome, reason },
  });
  return standingNow(store, step);
}

/** Gives up a plan, not the operation: its review, approval, staged envelopes and lock go with it. */
export async function invalidatePlan(
  { store }: Deps,
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
  { store }: Deps,
  step: Step & Pick<ChangeOf<'handoff-recorded'>, 'contacts' | 'runbook'>,
): Promise<{ standing: Standing; currentVersion: KeyVersion | null }> {
  const { contacts, runbook } = step;
  await commitStep(store, step, { type: 'handoff-recorded', contacts, runbook }, 'closed', {
    closing: { outcome: 'completed', reason: null },
  });
  const status = await store.status(step.organization.name);
  return {
    standing: await standingNow(store, step),
    currentVersion: status?.custody?.currentVersion ?? null,
  };
}

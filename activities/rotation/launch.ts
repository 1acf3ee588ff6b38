import type { ChangeOf } from '../../domain/change';
import type { Code } from '../../domain/codes';
import { Refusal } from '../../domain/failure';
import { mayWrapUnder, nextVersion } from '../../domain/rotation';
import type { RotationRecord } from '../../store/contract';
import { custodyInUse } from '../custody-in-use';
import type { CustodyDeps } from '../deps';
import { commitStep, demandStage, type Standing, type Step, standingNow } from '../step';

type Deps = Pick<CustodyDeps, 'store' | 'statements'>;

/**
 * What becomes of a rotation that has verified its connection: it takes the lock and goes on; or it ends, refused by
 * the customer's key, with nothing to do, or postponed because another operation holds the lock. Nothing has changed
 * then.
 * @throws ProviderFailure STATEMENT_INVALID
 */
export async function launchRotation(deps: Deps, step: Step): Promise<Standing> {
  const { store } = deps;
  await demandStage(store, step);
  const rotation = await store.rotation(step.organization.id, step.operationId);
  const decided = await decide(deps, step, rotation);
  if (decided.type === 'operation-closed') {
    const { outcome, reason } = decided;
    await commitStep(store, step, decided, 'closed', { closing: { outcome, reason } });
    return standingNow(store, step);
  }
  try {
    await commitStep(store, step, decided, 'live');
  } catch (error) {
    if (!(error instanceof Refusal) || error.code !== 'OPERATION_LOCKED') throw error;
    const { cause, newKeyVersion } = rotation.ask;
    const postponed = { ...step, key: `${step.key}/postponed` };
    await commitStep(store, postponed, { type: 'rotation-postponed', cause, newKeyVersion }, 'closed', {
      closing: { outcome: 'refused', reason: 'OPERATION_LOCKED' },
    });
  }
  return standingNow(store, step);
}

async function decide(
  deps: Deps,
  step: Step,
  { ask, verification }: RotationRecord,
): Promise<ChangeOf<'rotation-launched' | 'operation-closed'>> {
  if (verification === null) throw new Refusal('VERIFICATION_MISSING');
  const failed = verification.findings.find(({ result }) => result === 'failed');
  if (failed?.result === 'failed') return closed('refused', failed.code);
  const { keyRef: to } = verification;
  if (!verification.clean || to === null) return closed('refused', 'VERIFICATION_MISSING');
  const { statement, connection, versions } = await custodyInUse(deps, step);
  const { keyRef: from } = statement;
  if (!mayWrapUnder(connection, from, to)) return closed('refused', 'KEY_MOVED');
  if (from === to && !ask.newKeyVersion) return closed('completed', 'NOTHING_TO_ROTATE');
  const mint = ask.newKeyVersion ? nextVersion(versions) : null;
  return { type: 'rotation-launched', from, to, rewrap: versions, mint };
}

const closed = (outcome: 'refused' | 'completed', reason: Code): ChangeOf<'operation-closed'> => ({
  type: 'operation-closed',
  outcome,
  reason,
});

/** Key versions that a launched rotation is to stage. */
export async function rotationVersions(
  { store }: Pick<Deps, 'store'>,
  step: Step,
): Promise<{ rewrap: number[]; mint: number | null }> {
  const { launched } = await store.rotation(step.organization.id, step.operationId);
  if (launched === null) throw new Refusal('STAGE_MISMATCH');
  return { rewrap: [...launched.rewrap], mint: launched.mint };
}

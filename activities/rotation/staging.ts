import { ProviderFailure, Refusal } from '../../domain/failure';
import type { KeyVersion } from '../../domain/ids';
import { mayWrapUnder } from '../../domain/rotation';
import { type CustodyInUse, custodyInUse } from '../custody-in-use';
import type { CustodyDeps } from '../deps';
import { openLive } from '../live-keys';
import { demandStage, type Step } from '../step';
import { type WrapTarget, wrapProveAndStage } from '../wrapping';

type Deps = Pick<CustodyDeps, 'store' | 'statements' | 'provider' | 'settings' | 'random'>;
type VersionStep = Step & { readonly version: KeyVersion };

/**
 * One key version of a rotation: unwrapped by the live envelope, checked, wrapped under the newest version of the
 * customer's key, proved by an unwrap, and staged. The key's bytes exist only in here; the live envelope goes on
 * serving.
 */
export async function rewrapVersion(deps: Deps, step: VersionStep): Promise<void> {
  const staging = await stagingOf(deps, step);
  if (staging === null) return;
  const { inUse, launched, target } = staging;
  if (!launched.rewrap.includes(step.version)) throw new Refusal('PLAN_CHANGED');
  const { bytes } = await openLive(deps, inUse, step.version);
  try {
    await wrapProveAndStage(deps, step, target, bytes, false);
  } finally {
    bytes.fill(0);
  }
}

/** The workspace key's next version, where the rotation was asked for one. */
export async function mintNextVersion(deps: Deps, step: VersionStep): Promise<void> {
  const staging = await stagingOf(deps, step);
  if (staging === null) return;
  if (staging.launched.mint !== step.version) throw new Refusal('PLAN_CHANGED');
  const bytes = deps.random(32);
  try {
    await wrapProveAndStage(deps, step, staging.target, bytes, true);
  } finally {
    bytes.fill(0);
  }
}

/** @returns `null` where this version is staged already, as when a step's answer was lost */
async function stagingOf(deps: Deps, step: VersionStep) {
  const { store } = deps;
  const { organization, operationId, version } = step;
  const { holdsLock } = await demandStage(store, step);
  const { launched } = await store.rotation(organization.id, operationId);
  if (!holdsLock || launched === null) throw new Refusal('STAGE_MISMATCH');
  if ((await store.stagedEnvelopes(operationId)).some((each) => each.version === version)) return null;
  const inUse = await custodyInUse(deps, step);
  return { inUse, launched, target: targetOf(inUse, launched.to) };
}

/** The connection in use, pinned to the version that the rotation moves to. Rows may lie: it's no other key. */
function targetOf({ statement, connection }: CustodyInUse, keyRef: WrapTarget['keyRef']): WrapTarget {
  if (!mayWrapUnder(connection, statement.keyRef, keyRef)) throw new ProviderFailure('KEY_MOVED');
  return { connection: { ...connection, pinnedKeyRef: keyRef }, keyRef };
}

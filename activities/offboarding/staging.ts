import { ProviderFailure, Refusal } from '../../domain/failure';
import { type CustodyInUse, custodyInUse } from '../custody-in-use';
import type { PlatformDeps } from '../deps';
import { openLive } from '../live-keys';
import { stageUnderPlatformKey } from '../platform-key';
import { bySystem, recordingRefusals } from '../refusals';
import type { StagingStep } from '../staging';
import { bodyOf, commitStep, demandStage, type Step } from '../step';
import { demandBothApproved, offboardingPlan } from './approved';

/**
 * The platform key that the organization goes to, made for this operation: another one than it ever had. Again by the
 * same operation it is the same, by the key service's word, and not by a row's.
 */
export async function createNewPlatformKey({ store, control }: PlatformDeps, step: Step): Promise<void> {
  const { holdsLock } = await demandStage(store, step);
  if (!holdsLock) throw new Refusal('STAGE_MISMATCH');
  const keyRef = await control.create(step.organization.id, step.operationId);
  const committed = await commitStep(store, step, { type: 'platform-key-created', keyRef }, 'live');
  if (bodyOf(committed)['keyRef'] !== keyRef) throw new ProviderFailure('STATEMENT_INVALID');
}

/**
 * One key version of an offboarding: unwrapped once more under the customer's key, checked, wrapped under the new
 * platform key, proved by an unwrap, and staged. The key's bytes exist only in here, and the live envelope goes on
 * serving.
 */
export async function stageUnderPlatform(deps: PlatformDeps, step: StagingStep): Promise<void> {
  const { store, control } = deps;
  const { organization, operationId, version } = step;
  const { holdsLock } = await demandStage(store, step);
  if (!holdsLock) throw new Refusal('STAGE_MISMATCH');
  const staged = await store.stagedEnvelopes(operationId);
  if (staged.some((each) => each.version === version)) return;
  const inUse = await custodyInUse(deps, step);
  const planned = await plannedVersion(deps, step, inUse);
  const keyRef = await control.create(organization.id, operationId);
  const { bytes, checkValue } = await openLive(deps, inUse, version);
  try {
    if (checkValue !== planned.checkValue) throw new ProviderFailure('CHECK_VALUE_MISMATCH');
    await stageUnderPlatformKey(deps, step, keyRef, bytes, false);
  } finally {
    bytes.fill(0);
  }
}

/** The plan's word for this version, which both sides approved, for the connection that is in use. */
async function plannedVersion(deps: PlatformDeps, step: StagingStep, { statement }: CustodyInUse) {
  const { store } = deps;
  const { organization, operationId, planDigest, version } = step;
  const record = await store.dryRun(operationId, 'current');
  const plan = offboardingPlan(record?.plan, planDigest);
  const about = { organization: organization.id, subject: 'offboarding' } as const;
  await recordingRefusals(store, about, bySystem, () => demandBothApproved(deps, organization.id, plan));
  const { from } = plan;
  const isFrom =
    plan.operationId === operationId &&
    statement.connectionId === from.id &&
    statement.connectionDigest === from.digest &&
    statement.keyRef === from.keyRef;
  const planned = plan.rewrap.find((each) => each.version === version);
  const envelopeSha256 = statement.envelopes[String(version)];
  if (!isFrom || planned === undefined || planned.envelopeSha256 !== envelopeSha256)
    throw new Refusal('PLAN_CHANGED');
  return planned;
}

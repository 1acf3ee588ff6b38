import { timingSafeEqual } from 'node:crypto';
import { sha256Hex } from '../../domain/digest';
import { ProviderFailure, Refusal } from '../../domain/failure';
import type { KeyRef } from '../../domain/ids';
import { checkValueOf } from '../../domain/key-check';
import { type CustodyInUse, custodyInUse, liveEnvelope } from '../custody-in-use';
import type { PlatformDeps } from '../deps';
import { callSignal } from '../edge';
import { bySystem, recordingRefusals } from '../refusals';
import type { StagingStep } from '../staging';
import { bodyOf, commitStep, demandStage, type Step } from '../step';
import { workspaceKeyContext } from '../wrapping';
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
  const { store, provider, control, settings } = deps;
  const { organization, operationId, version } = step;
  const { holdsLock } = await demandStage(store, step);
  if (!holdsLock) throw new Refusal('STAGE_MISMATCH');
  const staged = await store.stagedEnvelopes(operationId);
  if (staged.some((each) => each.version === version)) return;
  const inUse = await custodyInUse(deps, step);
  const planned = await plannedVersion(deps, step, inUse);
  const { wrapped, signed } = await liveEnvelope(deps, inUse, version);
  if (signed.wrappedSha256 !== planned.envelopeSha256) throw new Refusal('PLAN_CHANGED');
  const keyRef = await control.create(organization.id, operationId);
  const context = workspaceKeyContext(organization.id, version);
  const signal = callSignal(settings.providerCallMs);
  const { bytes } = await provider.unwrap(inUse.connection, wrapped, signed.keyRef, context, signal);
  try {
    const checkValue = checkValueOf(bytes, organization.id, version);
    if (checkValue !== planned.checkValue || checkValue !== signed.checkValue)
      throw new ProviderFailure('CHECK_VALUE_MISMATCH');
    await wrapProveAndStage(deps, step, keyRef, bytes);
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
  if (!isFrom || planned === undefined) throw new Refusal('PLAN_CHANGED');
  return planned;
}

async function wrapProveAndStage(
  { store, keys, settings }: PlatformDeps,
  step: StagingStep,
  target: KeyRef,
  bytes: Uint8Array,
): Promise<void> {
  const { organization, version } = step;
  const context = workspaceKeyContext(organization.id, version);
  const signal = () => callSignal(settings.providerCallMs);
  const { wrapped, keyRef } = await keys.wrap(target, bytes, context, signal());
  if (keyRef !== target) throw new ProviderFailure('KEY_MISMATCH');
  const proof = await keys.unwrap(keyRef, wrapped, context, signal());
  const isProved = proof.bytes.length === bytes.length && timingSafeEqual(proof.bytes, bytes);
  proof.bytes.fill(0);
  if (!isProved) throw new ProviderFailure('CHECK_VALUE_MISMATCH');
  await commitStep(
    store,
    step,
    {
      type: 'envelope-staged',
      version,
      custody: 'platform',
      connectionId: null,
      wrapped,
      wrappedSha256: sha256Hex(wrapped),
      keyRef,
      checkValue: checkValueOf(bytes, organization.id, version),
      minted: false,
    },
    'live',
  );
}

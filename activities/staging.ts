import type { Connection } from '../domain/connection';
import { sha256Hex } from '../domain/digest';
import { ProviderFailure, Refusal } from '../domain/failure';
import type { KeyVersion, Sha256Hex } from '../domain/ids';
import { checkValueOf } from '../domain/key-check';
import { isToCustomer, type PlanToCustomer } from '../domain/plan';
import { demandApproved } from './approved';
import type { CustodyDeps, PlatformDeps } from './deps';
import { callSignal } from './edge';
import { openedUnderFormer } from './key-in-use';
import { bySystem, recordingRefusals } from './refusals';
import { demandStage, type Step } from './step';
import { workspaceKeyContext, wrapProveAndStage } from './wrapping';

/** One key version of a plan, to be put under the customer's key. */
export interface StagingStep extends Step {
  readonly planDigest: Sha256Hex;
  readonly version: KeyVersion;
}

/**
 * Live order (a), per key version: unwraps under the platform key, wraps under the customer's, proves it by an
 * unwrap, and commits the envelope as staged. The key's bytes exist only in here.
 */
export async function stageVersion(deps: PlatformDeps, step: StagingStep): Promise<void> {
  const { store, keys, statements, settings } = deps;
  const { organization, version } = step;
  const context = await stagingContext(deps, step);
  if (context === null) return;
  const planned = context.plan.rewrap.find((each) => each.version === version);
  const envelope = (await store.platformEnvelopes(organization.id)).find((each) => each.version === version);
  if (planned === undefined || envelope?.wrappedSha256 !== planned.envelopeSha256) {
    throw new Refusal('PLAN_CHANGED');
  }
  const statement = await statements.envelope(envelope.statement);
  if (
    statement.organization !== organization.id ||
    statement.version !== version ||
    statement.wrappedSha256 !== sha256Hex(envelope.wrapped)
  ) {
    throw new ProviderFailure('STATEMENT_INVALID');
  }
  const { bytes } = await keys.unwrap(
    envelope.keyRef,
    envelope.wrapped,
    workspaceKeyContext(organization.id, version),
    callSignal(settings.providerCallMs),
  );
  try {
    if (checkValueOf(bytes, organization.id, version) !== planned.checkValue) {
      throw new ProviderFailure('CHECK_VALUE_MISMATCH');
    }
    await wrapProveAndStage(deps, step, targetOf(context), bytes, false);
  } finally {
    bytes.fill(0);
  }
}

/**
 * The same for a change of connection: unwrapped under the customer's key in use, which goes on serving, and wrapped under
 * the new one.
 */
export async function moveVersion(
  deps: Pick<CustodyDeps, 'store' | 'authority' | 'provider' | 'statements' | 'settings'>,
  step: StagingStep,
): Promise<void> {
  const context = await stagingContext(deps, step);
  if (context === null) return;
  const { plan } = context;
  const planned = plan.rewrap.find((each) => each.version === step.version);
  if (plan.kind !== 'change-connection' || planned === undefined) throw new Refusal('PLAN_CHANGED');
  const { bytes, wrappedSha256, checkValue } = await openedUnderFormer(deps, step, plan.from, step.version);
  try {
    if (wrappedSha256 !== planned.envelopeSha256 || checkValue !== planned.checkValue)
      throw new Refusal('PLAN_CHANGED');
    await wrapProveAndStage(deps, step, targetOf(context), bytes, false);
  } finally {
    bytes.fill(0);
  }
}

/** Live order (a), last: a fresh key version that the former key, the platform's or the customer's, never wrapped. */
export async function mintVersion(
  deps: Pick<CustodyDeps, 'store' | 'authority' | 'provider' | 'settings' | 'random'>,
  step: StagingStep,
): Promise<void> {
  const context = await stagingContext(deps, step);
  if (context === null) return;
  if (context.plan.mint !== step.version) throw new Refusal('PLAN_CHANGED');
  const bytes = deps.random(32);
  try {
    await wrapProveAndStage(deps, step, targetOf(context), bytes, true);
  } finally {
    bytes.fill(0);
  }
}

interface StagingContext {
  readonly plan: PlanToCustomer;
  readonly connection: Connection;
}

const targetOf = ({ plan, connection }: StagingContext) => ({
  connection,
  keyRef: plan.connection.keyRef,
});

/**
 * What staging goes by: the plan, and the connection it names.
 * @returns `null` where this version is staged for this plan already, as when a step's answer was lost.
 */
async function stagingContext(
  { store, authority }: Pick<CustodyDeps, 'store' | 'authority'>,
  step: StagingStep,
): Promise<StagingContext | null> {
  const standing = await demandStage(store, step);
  if (!standing.holdsLock) throw new Refusal('STAGE_MISMATCH');
  const record = await store.dryRun(step.operationId, 'current');
  const plan = record?.plan ?? null;
  if (plan === null || !isToCustomer(plan) || plan.operationId !== step.operationId)
    throw new Refusal('PLAN_UNKNOWN');
  const staged = await store.stagedEnvelopes(step.operationId);
  if (staged.some((each) => each.version === step.version && each.custody === 'customer')) return null;
  const connection = await store.connection(plan.connection.id);
  if (connection === null) throw new Refusal('PLAN_CHANGED');
  const { organization } = step;
  await recordingRefusals(store, { organization: organization.id, subject: 'live' }, bySystem, () =>
    demandApproved({ store, authority }, organization.id, plan, connection, step.planDigest),
  );
  return { plan, connection };
}

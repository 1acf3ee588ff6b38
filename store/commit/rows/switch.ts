import type { ChangeOf } from '../../../domain/change';
import type { EnvelopeRecord } from '../../../domain/custody';
import { isApproved } from '../../../domain/custody';
import { Refusal } from '../../../domain/failure';
import { isToCustomer } from '../../../domain/plan';
import { claimResources, resourcesOf } from '../../queries/connection-owner';
import { findStagedEnvelopes } from '../../queries/envelopes';
import { readLockedFacts } from '../../queries/locked-facts';
import { findPlatformKey } from '../../queries/platform-key';
import type { Apply, OperationPatch, OperationStep } from '../step';
import { addVersion, envelopeOf, setCustody } from './custody';
import { toNewPlatformKey } from './offboarding';
import { rotated, settleDue } from './rotation';

type Switch = ChangeOf<'custody-switched'>;

/** The point of no return: custody, current version and statement change together, or not at all. */
export const custodySwitched: Apply<'custody-switched'> = (step, change) => {
  switch (change.custody) {
    case 'customer':
      return step.operation.kind === 'rotate' ? rotated(step, change) : toCustomer(step, change);
    case 'platform':
      return step.operation.kind === 'offboard' ? toNewPlatformKey(step, change) : toPlatform(step, change);
    default: {
      const unknown: never = change.custody;
      throw new Error(`unknown custody ${String(unknown)}`);
    }
  }
};

/**
 * Carries out exactly the approved plan. Facts that changed are refused by `readLockedFacts`, signatures that
 * no longer hold by the caller's guard, and here envelopes that aren't just the plan's.
 */
async function toCustomer(step: OperationStep, change: Switch): Promise<OperationPatch> {
  const { tx, organization, operation, fence, deployment, guard } = step;
  if (guard === undefined) throw new Error('a switch to customer custody needs a guard');
  if (!isApproved(operation.kind) || step.to !== 'sealing' || !operation.holdsLock) {
    throw new Refusal('STAGE_MISMATCH', 'live was not launched');
  }
  const { operationId } = fence;
  const said = await step.said();
  const facts = await readLockedFacts(tx, { organization, operationId, deployment, now: step.at, said });
  if (facts.planDigest !== change.planDigest) throw new Refusal('PLAN_UNKNOWN');
  if (facts.approval === null) throw new Refusal('APPROVAL_MISSING');
  await guard(facts);

  const { plan, staged } = facts;
  if (!isToCustomer(plan)) throw new Refusal('STAGE_MISMATCH', 'the plan leads elsewhere');
  const { connection, mint } = plan;
  const planned = new Map([
    ...plan.rewrap.map(({ version, checkValue }) => [version, checkValue] as const),
    [mint, null] as const,
  ]);
  const isPlanned = (envelope: EnvelopeRecord) => {
    const checkValue = planned.get(envelope.version);
    return (
      envelope.custody === 'customer' &&
      envelope.connectionId === connection.id &&
      envelope.keyRef === connection.keyRef &&
      (checkValue === null || checkValue === envelope.checkValue)
    );
  };
  if (change.currentVersion !== mint || staged.length !== planned.size || !staged.every(isPlanned)) {
    throw new Refusal('PLAN_CHANGED', 'what is staged isn’t just what the plan names');
  }
  await claimResources(tx, resourcesOf(connection.input, connection.keyRef), organization);
  const isChange = plan.kind === 'change-connection';
  // It has wrapped everything anew, and minted: what was due is done. What was found of the former key says nothing of this one.
  if (isChange) await settleDue(step);
  if (isChange) await probeAnew(step);
  await addVersion(step, envelopeOf(staged, mint));
  await setCustody(step, {
    custody: 'customer',
    currentVersion: mint,
    connectionId: connection.id,
    connectionDigest: connection.digest,
    keyRef: connection.keyRef,
    staged,
    // The operator's key, which is proved dead after an activation, and was then.
    sealing: !isChange,
  });
  return {};
}

/** The next sweep looks at the new connection, at all of it, whenever it looked at the former one. */
async function probeAnew({ tx, organization, at }: OperationStep): Promise<void> {
  await tx.probe.updateMany({
    where: { organizationId: organization, kind: 'customer-key' },
    data: { dueAt: at, thoroughAt: null, failures: 0 },
  });
}

/** A new organization's first version, under the operator's key for it. */
async function toPlatform(step: OperationStep, change: Switch): Promise<OperationPatch> {
  const { tx, organization, operation, fence } = step;
  if (operation.kind !== 'create' || step.to !== 'closed') throw new Refusal('STAGE_MISMATCH');
  const staged = await findStagedEnvelopes(tx, fence.operationId);
  const platformKey = await findPlatformKey(tx, organization);
  const [first] = staged;
  if (first === undefined || staged.length !== 1 || first.version !== 1 || change.currentVersion !== 1) {
    throw new Refusal('STAGE_MISMATCH', 'just version 1 must be staged');
  }
  if (first.custody !== 'platform' || first.keyRef !== platformKey?.keyRef) {
    throw new Refusal('STAGE_MISMATCH', 'it is not staged under the organization’s platform key');
  }
  await addVersion(step, first);
  await setCustody(step, {
    custody: 'platform',
    currentVersion: first.version,
    connectionId: null,
    connectionDigest: null,
    keyRef: first.keyRef,
    staged,
    sealing: false,
  });
  return { holdsLock: false };
}

import { approvalEvidence } from '../../../domain/approval';
import type { ChangeOf } from '../../../domain/change';
import { isSamePerson } from '../../../domain/credential-reference';
import type { EnvelopeRecord } from '../../../domain/custody';
import { Refusal } from '../../../domain/failure';
import type { KeyRef, Sha256Hex } from '../../../domain/ids';
import { jws } from '../../../domain/intake/fields';
import type { OffboardingPlan } from '../../../domain/plan';
import type { LockedFacts } from '../../contract';
import { findApproval } from '../../queries/approvals';
import { findDryRun } from '../../queries/dry-run';
import { demandNoIncident } from '../../queries/incident';
import { readLockedFacts } from '../../queries/locked-facts';
import { signOffboarded } from '../statements';
import type { Apply, OperationPatch, OperationStep } from '../step';
import { setCustody } from './custody';

/** Of the plan that counts, which the customer has signed, by another person than its starter. */
export const operatorApproved: Apply<'operator-approved'> = async (step, change) => {
  const { tx, organization: organizationId, fence } = step;
  const { dryRunId, planDigest, by, proof } = change;
  const dryRun = await findDryRun(tx, fence.operationId, 'current');
  if (dryRun?.dryRunId !== dryRunId || dryRun.planDigest !== planDigest) throw new Refusal('PLAN_UNKNOWN');
  if (dryRun.plan?.kind !== 'offboard') throw new Refusal('STAGE_MISMATCH', 'no offboarding');
  if (isSamePerson(dryRun.plan.startedBy.name, by)) throw new Refusal('SECOND_PERSON_NEEDED');
  if ((await findApproval(tx, dryRunId)) === null) throw new Refusal('APPROVAL_MISSING');
  await tx.operatorApproval.create({
    data: {
      organizationId,
      ledgerIndex: step.index,
      operationId: fence.operationId,
      dryRunId,
      planDigest,
      approvedBy: by,
      proof,
    },
  });
  return {};
};

type Switch = ChangeOf<'custody-switched'>;

/**
 * The switch of an offboarding: exactly the plan that both sides approved, from the connection it names, to the key that
 * was made for it. Signatures are the guard's; here the rows must agree with each other, and no incident be open.
 */
export async function toNewPlatformKey(step: OperationStep, change: Switch): Promise<OperationPatch> {
  const { tx, organization, operation, fence, deployment, guard } = step;
  if (guard === undefined) throw new Error('a switch back to platform custody needs a guard');
  if (step.to !== 'sealing' || !operation.holdsLock)
    throw new Refusal('STAGE_MISMATCH', 'live was not launched');
  await demandNoIncident(tx, organization);
  const { operationId } = fence;
  const said = await step.said();
  const facts = await readLockedFacts(tx, { organization, operationId, deployment, now: step.at, said });
  const { plan, planDigest, approval, operatorApproval, newPlatformKey: keyRef } = facts;
  if (planDigest !== change.planDigest || plan.kind !== 'offboard') throw new Refusal('PLAN_UNKNOWN');
  if (approval === null) throw new Refusal('APPROVAL_MISSING');
  if (operatorApproval === null) throw new Refusal('OPERATOR_APPROVAL_MISSING');
  await guard(facts);

  const custody = await tx.custody.findUniqueOrThrow({ where: { organizationId: organization } });
  if (keyRef === null || custody.currentVersion !== change.currentVersion || !isPlanned(plan, facts))
    throw new Refusal('PLAN_CHANGED', 'what is staged isn’t just what the plan names');
  await setCustody(step, {
    custody: 'platform',
    currentVersion: change.currentVersion,
    connectionId: null,
    connectionDigest: null,
    keyRef,
    staged: facts.staged,
    sealing: false,
  });
  await keepReturn(step, { keyRef, planDigest, evidence: approval.evidence, proof: operatorApproval });
  return {};
}

/** The key that custody went back to is the organization's, and both approvals are stated beside custody. */
export async function keepReturn(
  step: OperationStep,
  approved: {
    readonly keyRef: KeyRef;
    readonly planDigest: Sha256Hex;
    /** The customer's, as it's kept. */
    readonly evidence: string;
    /** Our API's word for the operator's. */
    readonly proof: string;
  },
): Promise<void> {
  const { tx, organization: organizationId, index: ledgerIndex } = step;
  const { keyRef, planDigest, evidence, proof } = approved;
  await tx.platformKey.create({ data: { organizationId, ledgerIndex, keyRef } });
  const offboarded = await signOffboarded(step, {
    platformKeyRef: keyRef,
    planDigest,
    customerApproval: approvalEvidence.parse(JSON.parse(evidence)),
    operatorApproval: jws.parse(proof),
  });
  await tx.custody.update({ where: { organizationId }, data: { offboarded } });
}

/** Each version of the plan, once, as it was, under the new key. */
function isPlanned({ rewrap }: OffboardingPlan, { staged, newPlatformKey }: LockedFacts): boolean {
  const planned = new Map(rewrap.map(({ version, checkValue }) => [version, checkValue]));
  const isIt = ({ version, custody, keyRef, checkValue }: EnvelopeRecord) =>
    custody === 'platform' &&
    keyRef === newPlatformKey &&
    checkValue === planned.get(version) &&
    planned.delete(version);
  return staged.length === rewrap.length && staged.every(isIt);
}

/** Its entry is all there is of it: the key was never the organization's. */
export const spareRetired: Apply<'spare-platform-key-retired'> = async ({ tx, organization, fence }) => {
  const { operationId } = fence;
  const switched = await tx.ledgerEntry.findFirst({
    where: { organizationId: organization, operationId, type: 'custody-switched' },
    select: { index: true },
  });
  if (switched !== null) throw new Refusal('STAGE_MISMATCH', 'custody was switched to that key');
  return {};
};

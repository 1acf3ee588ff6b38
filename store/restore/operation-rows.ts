import type { ChangeOf, OperationChange } from '../../domain/change';
import type { KeyRef, Sha256Hex } from '../../domain/ids';
import type { Custody } from '../../generated/prisma/client';
import { addVersion, envelopeOf, setCustody } from '../commit/rows/custody';
import { approvalAccepted, dryRunRecorded, dryRunReviewed, planInvalidated } from '../commit/rows/dry-run';
import { keepEnvelope } from '../commit/rows/live';
import { keepReturn, operatorApproved } from '../commit/rows/offboarding';
import { eraseSuperseded, rotationPostponed, settleDue } from '../commit/rows/rotation';
import {
  handoffRecorded,
  liveEntered,
  operationClosed,
  platformEnvelopesErased,
  platformKeyDeletionScheduled,
  platformKeyDisabled,
  platformSealed,
} from '../commit/rows/sealing';
import { connectionSubmitted, keepVerification, platformKeyCreated } from '../commit/rows/setup';
import type { OperationPatch } from '../commit/step';
import { findApproval } from '../queries/approvals';
import { findStagedEnvelopes } from '../queries/envelopes';
import { findOperatorApproval } from '../queries/offboarding';
import { NotRestorable } from './not-restorable';
import type { RestoreStep } from './step';

/**
 * Writes the rows of an operation's change that is in the signed ledger already. What a commit judged then isn't judged
 * again: whose a key is and whether a plan still holds depend on what else was there, and on when. What is left out
 * here leaves its entry only.
 */
export async function restoreOperationRows(
  step: RestoreStep,
  change: OperationChange,
): Promise<OperationPatch> {
  switch (change.type) {
    case 'organization-created':
    case 'operation-opened':
    case 'operation-claimed':
      throw new Error('an operation’s own row is written where it begins');
    case 'entitlement-confirmed':
    case 'verification-repeated':
    case 'verification-impeded':
    case 'platform-key-probed':
    case 'spare-platform-key-retired':
      return {};
    case 'platform-key-created':
      return platformKeyCreated(step, change);
    case 'connection-submitted':
      return connectionSubmitted(step, change);
    case 'verification-recorded':
      return keepVerification(step, change);
    case 'dry-run-recorded':
      return dryRunRecorded(step, change);
    case 'dry-run-reviewed':
      return dryRunReviewed(step, change);
    case 'approval-accepted':
      return approvalAccepted(step, change);
    case 'operator-approved':
      return operatorApproved(step, change);
    case 'live-launched':
    case 'rotation-launched':
      return { holdsLock: true };
    case 'plan-invalidated':
      return planInvalidated(step, change);
    case 'envelope-staged':
      await keepEnvelope(step, change);
      return {};
    case 'custody-switched':
      return switched(step, change);
    case 'rotation-postponed':
      return rotationPostponed(step, change);
    case 'superseded-envelopes-erased':
      return eraseSuperseded(step, change);
    case 'platform-key-disabled':
      return platformKeyDisabled(step, change);
    case 'platform-sealed':
      return platformSealed(step, change);
    case 'platform-envelopes-erased':
      return platformEnvelopesErased(step, change);
    case 'platform-key-deletion-scheduled':
      return platformKeyDeletionScheduled(step, change);
    case 'live-entered':
      return liveEntered(step, change);
    case 'handoff-recorded':
      return handoffRecorded(step, change);
    case 'operation-closed':
      return operationClosed(step, change);
    default: {
      const unknown: never = change;
      throw new Error(`unknown change ${String(unknown)}`);
    }
  }
}

/** Custody is what its signed statement says; a version is new where no row has it yet. */
async function switched(
  step: RestoreStep,
  { currentVersion, planDigest }: ChangeOf<'custody-switched'>,
): Promise<OperationPatch> {
  const { tx, organization: organizationId, fence, operation } = step;
  const before: Custody | null = await tx.custody.findUnique({ where: { organizationId } });
  const { custody, connectionId, connectionDigest, keyRef } = await step.custody();
  const staged = await findStagedEnvelopes(tx, fence.operationId);
  const known = await tx.keyVersion.count({ where: { organizationId, version: currentVersion } });
  if (known === 0) await addVersion(step, envelopeOf(staged, currentVersion));
  // From the operator's key to the customer's: until the former is proved dead.
  const sealing = custody === 'customer' && before?.custody === 'platform';
  await setCustody(step, {
    custody,
    currentVersion,
    connectionId,
    connectionDigest,
    keyRef,
    staged,
    sealing,
  });
  if (operation.kind === 'rotate' || operation.kind === 'change-connection') await settleDue(step);
  if (operation.kind === 'offboard') await returned(step, keyRef, planDigest);
  return {};
}

/** As both sides approved it, by what is on record of that. */
async function returned(step: RestoreStep, keyRef: KeyRef, planDigest: Sha256Hex | null): Promise<void> {
  const { dryRunId } = step.operation;
  const approval = dryRunId === null ? null : await findApproval(step.tx, dryRunId);
  const proof = dryRunId === null ? null : await findOperatorApproval(step.tx, dryRunId);
  if (approval === null || proof === null || planDigest === null)
    throw new NotRestorable(`the approvals of entry ${step.index} aren't on record`);
  await keepReturn(step, { keyRef, planDigest, evidence: approval.evidence, proof });
}

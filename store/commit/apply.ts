import type { OperationChange, UnfencedChange } from '../../domain/change';
import { Refusal } from '../../domain/failure';
import { driftCleared, driftFound } from './rows/drift';
import { approvalAccepted, dryRunRecorded, dryRunReviewed, planInvalidated } from './rows/dry-run';
import { incidentNoted } from './rows/incidents';
import { envelopeStaged, liveLaunched } from './rows/live';
import {
  endpointRegistered,
  endpointRemoved,
  maintenanceCancelled,
  maintenanceDeclared,
} from './rows/notices';
import { operatorApproved, spareRetired } from './rows/offboarding';
import { demandOrder } from './rows/order';
import { referenceConfirmed, referenceRegistered, referenceWithdrawn } from './rows/references';
import { rotationDue, rotationLaunched, rotationPostponed, supersededEnvelopesErased } from './rows/rotation';
import {
  handoffRecorded,
  liveEntered,
  operationClosed,
  platformEnvelopesErased,
  platformKeyDeletionScheduled,
  platformKeyDisabled,
  platformKeyProbed,
  platformSealed,
} from './rows/sealing';
import {
  connectionSubmitted,
  platformKeyCreated,
  verificationImpeded,
  verificationRecorded,
  verificationRepeated,
} from './rows/setup';
import { custodySwitched } from './rows/switch';
import { approverEnrolled, approverRemoved, orderAccepted, usageCounted } from './rows/unfenced';
import type { OperationPatch, OperationStep, UnfencedStep } from './step';

/** Writes the rows of an operation's change; answers what it alters in the operation's own row. */
export async function applyOperationChange(
  step: OperationStep,
  change: OperationChange,
): Promise<OperationPatch> {
  switch (change.type) {
    case 'organization-created':
    case 'operation-opened':
    case 'operation-claimed':
      // `createOrganization` and `claim` write these: they make the fence that everything else shows.
      throw new Refusal('STAGE_MISMATCH', 'an operation is opened by claiming it');
    case 'entitlement-confirmed':
      await demandOrder(step);
      return {};
    case 'platform-key-created':
      return platformKeyCreated(step, change);
    case 'connection-submitted':
      return connectionSubmitted(step, change);
    case 'verification-recorded':
      return verificationRecorded(step, change);
    case 'verification-repeated':
      return verificationRepeated(step, change);
    case 'verification-impeded':
      return verificationImpeded(step, change);
    case 'dry-run-recorded':
      return dryRunRecorded(step, change);
    case 'dry-run-reviewed':
      return dryRunReviewed(step, change);
    case 'approval-accepted':
      return approvalAccepted(step, change);
    case 'operator-approved':
      return operatorApproved(step, change);
    case 'live-launched':
      return liveLaunched(step, change);
    case 'plan-invalidated':
      return planInvalidated(step, change);
    case 'envelope-staged':
      return envelopeStaged(step, change);
    case 'custody-switched':
      return custodySwitched(step, change);
    case 'rotation-launched':
      return rotationLaunched(step, change);
    case 'rotation-postponed':
      return rotationPostponed(step, change);
    case 'superseded-envelopes-erased':
      return supersededEnvelopesErased(step, change);
    case 'spare-platform-key-retired':
      return spareRetired(step, change);
    case 'platform-key-disabled':
      return platformKeyDisabled(step, change);
    case 'platform-key-probed':
      return platformKeyProbed(step, change);
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

export async function applyUnfencedChange(step: UnfencedStep, change: UnfencedChange): Promise<void> {
  switch (change.type) {
    case 'order-accepted':
      return orderAccepted(step, change);
    case 'approver-enrolled':
      return approverEnrolled(step, change);
    case 'approver-removed':
      return approverRemoved(step, change);
    case 'reference-registered':
      return referenceRegistered(step, change);
    case 'reference-confirmed':
      return referenceConfirmed(step, change);
    case 'reference-withdrawn':
      return referenceWithdrawn(step, change);
    case 'endpoint-registered':
      return endpointRegistered(step, change);
    case 'endpoint-removed':
      return endpointRemoved(step, change);
    case 'maintenance-declared':
      return maintenanceDeclared(step, change);
    case 'maintenance-cancelled':
      return maintenanceCancelled(step, change);
    case 'drift-found':
      return driftFound(step, change);
    case 'drift-cleared':
      return driftCleared(step, change);
    case 'rotation-due':
      return rotationDue(step, change);
    case 'usage':
      return usageCounted(step, change);
    case 'incident-acknowledged':
    case 'incident-annotated':
      return incidentNoted(step, change);
    case 'incident-opened':
    case 'incident-closed':
      throw new Refusal('STAGE_MISMATCH', 'an incident’s entries are written from its row');
    case 'refusal':
    case 'notice-delivered':
    case 'notice-failed':
    case 'entitlement-told':
    case 'intake-incident-opened':
    case 'intake-incident-closed':
      // Its entry is all there is of it.
      return;
    default: {
      const unknown: never = change;
      throw new Error(`unknown change ${String(unknown)}`);
    }
  }
}

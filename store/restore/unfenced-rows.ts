import type { UnfencedChange } from '../../domain/change';
import type { LedgerText } from '../../domain/ports/publication';
import { applyUnfencedChange } from '../commit/apply';
import type { UnfencedStep } from '../commit/step';
import { contentRefused, incidentClosed, incidentOpened, refusalCounted } from './counted-rows';
import { usageRecorded } from './usage-rows';

/** The same for a change that belongs to no operation. */
export async function restoreUnfencedRows(
  step: UnfencedStep,
  change: UnfencedChange,
  texts: readonly LedgerText[],
): Promise<void> {
  switch (change.type) {
    case 'incident-opened':
      return incidentOpened(step, change);
    case 'incident-closed':
      return incidentClosed(step, change);
    case 'refusal':
      return change.subject === 'content' ? contentRefused(step, change) : refusalCounted(step, change);
    case 'usage':
      await usageRecorded(step, change, texts);
      return applyUnfencedChange(step, change);
    case 'order-accepted':
    case 'approver-enrolled':
    case 'approver-removed':
    case 'reference-registered':
    case 'reference-confirmed':
    case 'reference-withdrawn':
    case 'endpoint-registered':
    case 'endpoint-removed':
    case 'maintenance-declared':
    case 'maintenance-cancelled':
    case 'drift-found':
    case 'drift-cleared':
    case 'rotation-due':
    case 'incident-acknowledged':
    case 'incident-annotated':
    case 'notice-delivered':
    case 'notice-failed':
    case 'entitlement-told':
    case 'intake-incident-opened':
    case 'intake-incident-closed':
      // Judged by the ledger before it, and by nothing else: as it was, so it is again.
      return applyUnfencedChange(step, change);
    default: {
      const unknown: never = change;
      throw new Error(`unknown change ${String(unknown)}`);
    }
  }
}

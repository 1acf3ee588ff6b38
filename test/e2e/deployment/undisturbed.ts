import type { ChangeType } from '../../../domain/change';

/** The ledger of an activation that nothing disturbs, from the organization's first entry to the handoff. */
export const UNDISTURBED: readonly ChangeType[] = [
  'organization-created',
  'operation-opened',
  'platform-key-created',
  'envelope-staged',
  'custody-switched',
  'order-accepted',
  'approver-enrolled',
  'operation-opened',
  'entitlement-confirmed',
  'connection-submitted',
  'verification-recorded',
  'dry-run-recorded',
  'dry-run-reviewed',
  'approval-accepted',
  'live-launched',
  'envelope-staged',
  'envelope-staged',
  'custody-switched',
  'platform-key-disabled',
  'platform-sealed',
  'platform-envelopes-erased',
  'platform-key-deletion-scheduled',
  'live-entered',
  'handoff-recorded',
];

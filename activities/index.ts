export { type AuditActivities, type AuditDeps, createAuditActivities } from './audit';
export { type CustodyActivities, createCustodyActivities } from './custody';
export type { CustodyDeps, Logger, PlatformDeps } from './deps';
export { closeIntakeIncident, type FaultNote, openIntakeIncident, recordFault } from './intake';
export type { NoticeDeps, OwnRecipient } from './notify/deps';
export { tellOfEntitlement } from './notify/entitlement';
export { createMailNotifier } from './notify/mail-notifier';
export { createPlatformActivities, type PlatformActivities } from './platform';
export { ownersBy } from './recovery/open';
export { FIXED_SETTINGS, type Settings, type WorkflowSettings } from './settings';
export {
  createPlatformSweepActivities,
  createSweepActivities,
  type PlatformSweepActivities,
  type PlatformSweepDeps,
  type SweepActivities,
  type SweepDeps,
  sweepSettings,
} from './sweep';

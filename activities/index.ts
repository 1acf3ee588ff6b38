export { type CustodyActivities, createCustodyActivities } from './custody';
export type { CustodyDeps, Logger, PlatformDeps } from './deps';
export { createLogNotifier } from './notify/log-notifier';
export { createPlatformActivities, type PlatformActivities } from './platform';
export { DEFAULT_SETTINGS, type Settings, type WorkflowSettings } from './settings';

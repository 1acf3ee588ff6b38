export type { ContentContext } from './associated-data';
export { type Clock, systemClock } from './clock';
export type { EncryptedItem, PlainItem } from './content-items';
export type {
  CipherEvents,
  ContentOperationKind,
  OperationEvent,
  Trouble,
  UnwrapObservation,
} from './events';
export { WorkspaceUnavailable } from './failures';
export {
  type CipherDeps,
  type CipherLimits,
  createWorkspaceCipher,
  DEFAULT_LIMITS,
  type OperationOptions,
  type WorkspaceCipher,
} from './workspace-cipher';

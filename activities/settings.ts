import type { RotationRule } from '../domain/rotation';

/** What an activation's timing depends on. Read once when a workflow starts, so that its replays are stable. */
export interface WorkflowSettings {
  /** The longest an encrypt or decrypt may be under way (DESIGN.md §5, (c)). */
  readonly operationDeadlineMs: number;
  /** How often, and over how long, the disabled platform key must have refused. */
  readonly platformRefusals: { readonly count: number; readonly overMs: number };
  /** Continue as new at the next wait once the history has so many events, even if the server doesn't ask yet. */
  readonly historyEvents: number;
}

export interface Settings extends WorkflowSettings {
  /** The deadline of one call to a key service. */
  readonly providerCallMs: number;
  /** The deadline of a whole verification: about a dozen calls. */
  readonly verificationMs: number;
  /** When a workspace key gets its next version though nobody asks. */
  readonly rotation: RotationRule;
  /** How long the operator's backups of the database are kept. */
  readonly backupRetentionDays: number;
}

/** What no configuration says. */
export const FIXED_SETTINGS = {
  historyEvents: 4_000,
  providerCallMs: 5_000,
  verificationMs: 30_000,
} as const satisfies Partial<Settings>;

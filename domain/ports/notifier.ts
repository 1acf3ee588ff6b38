import type { Instant, OperationId, OrganizationName } from '../ids';
import type { Awaited, OperationStage } from '../stages';

/** Somebody is awaited, and has been for a while, or can't know it otherwise. */
export interface Reminder {
  readonly organization: OrganizationName;
  readonly operationId: OperationId;
  readonly stage: OperationStage;
  readonly who: Awaited;
  readonly what: string;
  readonly since: Instant;
  /** Days since the wait began; 0: it has just begun. */
  readonly days: number;
  /** When the operation ends by itself; `null` where it doesn't. */
  readonly endsAt: Instant | null;
}

/** Tells the people who are awaited. The same reminder told twice must do no harm. */
export interface Notifier {
  remind(reminder: Reminder): Promise<void>;
}

import { type Instant, instantOf, msOf } from '../../domain/ids';
import { type OperationStage, WAIT_ENDS_DAYS } from '../../domain/stages';
import type { Operation } from './state';

const DAY_MS = 86_400_000;
/** Reminders of one wait, in days since it began; past the last one, where there's no end, every ten. */
const REMINDER_DAYS = [3, 10];
const REMIND_EVERY_DAYS = 10;

/** What happens next by itself while somebody is awaited. */
export type Due =
  | { readonly what: 'remind'; readonly atMs: number; readonly days: number }
  | { readonly what: 'expire'; readonly atMs: number }
  | { readonly what: 'plan-expires'; readonly atMs: number };

/** After the switch nothing ends by waiting: custody has moved, only the contacts are missing. */
const endsByItself = (stage: OperationStage): boolean => stage !== 'handoff';

export const endOf = (stage: OperationStage, sinceMs: number): Instant | null =>
  endsByItself(stage) ? instantOf(sinceMs + WAIT_ENDS_DAYS * DAY_MS) : null;

/** The next thing due at this wait. */
export function nextDue(
  { sinceMs, reminded, dryRun }: Pick<Operation, 'sinceMs' | 'reminded' | 'dryRun'>,
  stage: OperationStage,
): Due {
  const days = REMINDER_DAYS[reminded] ?? (reminded - REMINDER_DAYS.length + 2) * REMIND_EVERY_DAYS;
  const candidates: Due[] = [];
  if (!endsByItself(stage) || reminded < REMINDER_DAYS.length) {
    candidates.push({ what: 'remind', atMs: sinceMs + days * DAY_MS, days });
  }
  if (endsByItself(stage)) candidates.push({ what: 'expire', atMs: sinceMs + WAIT_ENDS_DAYS * DAY_MS });
  if (hasPlan(stage) && dryRun?.expiresAt != null) {
    candidates.push({ what: 'plan-expires', atMs: msOf(dryRun.expiresAt) });
  }
  return candidates.reduce((first, each) => (each.atMs < first.atMs ? each : first));
}

const hasPlan = (stage: OperationStage): boolean =>
  stage === 'dry-run' || stage === 'approval' || stage === 'live';

export function dueText(due: Due, who: string): string {
  switch (due.what) {
    case 'remind':
      return `remind ${who} after ${due.days} days`;
    case 'expire':
      return `give up waiting for ${who} after ${WAIT_ENDS_DAYS} days`;
    case 'plan-expires':
      return 'plan expires';
    default: {
      const unknown: never = due;
      throw new Error(`unknown ${String(unknown)}`);
    }
  }
}

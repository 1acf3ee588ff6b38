import { ApplicationFailure, activityInfo, Context } from '@temporalio/activity';
import {
  describeCode,
  isTroubleOfOurs,
  type Owner,
  PROVIDER_CODES,
  type ProviderCode,
} from '../domain/codes';
import {
  AttributedFailure,
  DatabaseUnavailable,
  ProviderFailure,
  Refusal,
  Undelivered,
} from '../domain/failure';
import { whileAlive } from './alive';
import type { Logger } from './deps';

type Activities = Record<string, (input: never) => Promise<unknown>>;

/**
 * The edge every activity's errors pass: what leaves is built fresh, in our words, without cause, stack or
 * anything from outside, because it is written into the workflow's history.
 */
export function atEdge<T extends Activities>(activities: T, logger: Logger): T {
  const guarded = Object.entries(activities).map(([name, activity]) => [
    name,
    async (input: never) => {
      try {
        return await whileAlive(() => activity(input));
      } catch (error) {
        throw failureFor(error, name, logger);
      }
    },
  ]);
  return Object.fromEntries(guarded) as T;
}

function failureFor(error: unknown, activity: string, logger: Logger): ApplicationFailure {
  if (error instanceof Refusal) {
    logger.info({ activity, code: error.code }, 'refused');
    return fresh(error.code, error.message, true);
  }
  if (error instanceof ProviderFailure) {
    const owner = error instanceof AttributedFailure ? error.owner : null;
    logger.warn({ activity, code: error.code, owner, requestId: error.requestId }, 'provider failed');
    return fresh(error.code, error.message, !isRetried(error.code), detailsOf(error.requestId, owner));
  }
  // Said by the activity itself, in our words: to be tried again.
  if (error instanceof ApplicationFailure) {
    error.stack = '';
    return error;
  }
  if (error instanceof Undelivered) {
    const { statusClass } = error;
    logger.info({ activity, code: error.code, statusClass, attempt: attempt() }, 'to be tried again');
    return fresh(error.code, error.message, false);
  }
  if (error instanceof DatabaseUnavailable) {
    const { code, databaseCode } = error;
    const event = 'database.unavailable';
    logger.error({ event, activity, attempt: attempt(), databaseCode }, 'the database can’t be reached');
    return fresh(code, error.message, false);
  }
  logger.error(
    { activity, attempt: attempt(), error: nameOf(error), at: framesOf(error) },
    'activity failed',
  );
  return fresh('INTERNAL', `INTERNAL: ${describeCode('INTERNAL').text}`, false);
}

/** Whether Temporal tries it again, as often as its policy says. */
export const isRetried = (code: ProviderCode): boolean => PROVIDER_CODES[code].retry === 'fast';

/** What a failure carries beside its code, where it is known. */
interface FailureDetails {
  readonly requestId?: string;
  readonly owner?: Owner;
}

function detailsOf(requestId: string | null, owner: Owner | null): FailureDetails[] {
  if (requestId === null && owner === null) return [];
  return [{ ...(requestId === null ? {} : { requestId }), ...(owner === null ? {} : { owner }) }];
}

function fresh(
  type: string,
  message: string,
  nonRetryable: boolean,
  details: FailureDetails[] = [],
): ApplicationFailure {
  const failure = ApplicationFailure.create({
    type,
    message,
    nonRetryable,
    details,
    // Only what's ours and unexpected counts as an error in the worker's metrics and log.
    ...(isTroubleOfOurs(type) ? {} : { category: 'BENIGN' as const }),
  });
  failure.stack = '';
  return failure;
}

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : typeof error);

/** Where it happened, without the message: that may quote a database value or a network answer. */
function framesOf(error: unknown): string[] {
  if (!(error instanceof Error) || error.stack === undefined) return [];
  return error.stack
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .slice(0, 6)
    .map((line) => line.trim());
}

function attempt(): number | null {
  try {
    return activityInfo().attempt;
  } catch {
    return null;
  }
}

/** Ends a provider call at its own deadline, or when the activity is cancelled. */
export function callSignal(deadlineMs: number): AbortSignal {
  return AbortSignal.any([Context.current().cancellationSignal, AbortSignal.timeout(deadlineMs)]);
}

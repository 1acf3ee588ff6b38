import { ActivityFailure, ApplicationFailure, isCancellation, TimeoutFailure } from '@temporalio/workflow';
import { wordsOf } from '../domain/attribution-words';
import { type Code, isCode, OWNERS, type Owner, type RequestCode } from '../domain/codes';
import { Refusal } from '../domain/failure';
import type { Sha256Hex } from '../domain/ids';

/** What became of a step that didn't succeed. */
export type Failure =
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'code'; readonly code: Code; readonly owner: Owner | null; readonly text: string };

/**
 * The one place that knows how an error looks when it reaches a workflow: an `ActivityFailure` around an
 * `ApplicationFailure` whose `type` is our code. Anything else is a fault in the workflow itself: it is thrown on,
 * so that the workflow task waits for a mended worker instead of recording a wrong outcome.
 */
export function failureOf(error: unknown): Failure {
  if (isCancellation(error)) return { kind: 'cancelled' };
  const inner = error instanceof ActivityFailure ? error.cause : error;
  if (inner instanceof TimeoutFailure) return coded('INTERNAL');
  if (!(inner instanceof ApplicationFailure)) throw error;
  return coded(
    typeof inner.type === 'string' && isCode(inner.type) ? inner.type : 'INTERNAL',
    ownerIn(inner.details),
  );
}

const coded = (code: Code, owner: Owner | null = null): Failure => ({
  kind: 'code',
  code,
  owner,
  text: textOf(code, owner),
});

/** What the activity's edge says of who can mend it. */
function ownerIn(details: unknown[] | null | undefined): Owner | null {
  const [detail] = details ?? [];
  const named = detail instanceof Object && 'owner' in detail ? detail.owner : null;
  return OWNERS.find((owner) => owner === named) ?? null;
}

/** A code in words: what happened and what to do, as far as it's known by whom. */
export function textOf(code: Code, owner: Owner | null = null): string {
  const { text, remedy } = wordsOf(code, owner);
  return `${text} ${remedy}`;
}

/**
 * A refusal as it leaves a workflow or an update: type is the code, no stack. `BENIGN`: refusing is the product
 * working, not failing.
 */
export function refusalFailure({ code, message }: Refusal): ApplicationFailure {
  const failure = ApplicationFailure.create({ type: code, message, nonRetryable: true, category: 'BENIGN' });
  failure.stack = '';
  return failure;
}

/** What a failed update carries beside its code: which message it is the answer to. */
interface FailureDetail {
  readonly payloadDigest: Sha256Hex;
}

/** The same for a code that may have come from anywhere. */
export function codeFailure(
  code: Code,
  text = textOf(code),
  detail: FailureDetail | null = null,
): ApplicationFailure {
  const failure = ApplicationFailure.create({
    type: code,
    message: `${code}: ${text}`,
    nonRetryable: true,
    details: detail === null ? [] : [detail],
    category: 'BENIGN',
  });
  failure.stack = '';
  return failure;
}

export const refused = (code: RequestCode, detail: string | null = null): Refusal =>
  new Refusal(code, detail);

import { ActivityFailure, ApplicationFailure, isCancellation, TimeoutFailure } from '@temporalio/workflow';
import { type Code, describeCode, isCode, type RequestCode } from '../domain/codes';
import { Refusal } from '../domain/failure';
import type { Sha256Hex } from '../domain/ids';

/** What became of a step that didn't succeed. */
export type Failure =
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'code'; readonly code: Code; readonly text: string };

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
  return coded(typeof inner.type === 'string' && isCode(inner.type) ? inner.type : 'INTERNAL');
}

const coded = (code: Code): Failure => ({ kind: 'code', code, text: textOf(code) });

/** A code in words: what happened and what to do. */
export function textOf(code: Code): string {
  const { text, remedy } = describeCode(code);
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

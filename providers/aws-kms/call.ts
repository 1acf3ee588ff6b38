import type { ProviderCode } from '../../domain/codes';
import { ProviderFailure } from '../../domain/failure';
import type { OrganizationId, RequestId } from '../../domain/ids';
import { abortable } from './abortable';
import { classify, requestIdOfAnswer } from './classify';
import type { AwsOperation } from './rules';

/** One call to AWS, for metrics and the one log event it gets. */
export interface CallRecord {
  readonly provider: 'aws-kms' | 'platform';
  readonly operation: AwsOperation;
  readonly organization: OrganizationId | null;
  readonly code: ProviderCode | 'OK';
  /** From before it was sent until its answer was judged. */
  readonly ms: number;
  readonly requestId: RequestId | null;
}
export type Observe = (record: CallRecord) => void;

export interface CallOptions {
  readonly provider: CallRecord['provider'];
  /** Milliseconds. */
  readonly clock: () => number;
  readonly observe: Observe;
}

export interface About {
  readonly operation: AwsOperation;
  readonly organization: OrganizationId | null;
  readonly region: string;
  readonly signal: AbortSignal;
}

/** Sends, and judges the answer: `read` throws {@link ProviderFailure} for an answer that isn't good. */
export type Call = <Answer, T>(
  about: About,
  send: (signal: AbortSignal) => Promise<Answer>,
  read: (answer: Answer, requestId: RequestId | null) => T,
) => Promise<T>;

/** Exactly one record per call, on every path; whatever is thrown is a {@link ProviderFailure} built here. */
export function createCall({ provider, clock, observe }: CallOptions): Call {
  return async (about, send, read) => {
    const { operation, organization, region, signal } = about;
    const startedAt = clock();
    const record = (code: CallRecord['code'], requestId: RequestId | null): void =>
      observe({ provider, operation, organization, code, ms: clock() - startedAt, requestId });
    try {
      if (signal.aborted) throw new ProviderFailure('DEADLINE_EXCEEDED');
      const answer = await abortable(send(signal), signal);
      const requestId = requestIdOfAnswer(answer);
      const value = read(answer, requestId);
      record('OK', requestId);
      return value;
    } catch (raw) {
      const failure = failureOf(raw, operation, region, signal);
      record(failure.code, failure.requestId);
      throw failure;
    }
  };
}

function failureOf(
  raw: unknown,
  operation: AwsOperation,
  region: string,
  signal: AbortSignal,
): ProviderFailure {
  if (raw instanceof ProviderFailure) return raw;
  return signal.aborted ? new ProviderFailure('DEADLINE_EXCEEDED') : classify(raw, operation, region);
}

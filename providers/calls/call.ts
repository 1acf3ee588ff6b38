import type { ProviderCode } from '../../domain/codes';
import { ProviderFailure } from '../../domain/failure';
import type { OrganizationId, RequestId } from '../../domain/ids';
import type { KeyCall } from '../../domain/ports/provider';
import { abortable } from './abortable';

/** One call to a cloud, for metrics and the one log event it gets. */
export interface CallRecord {
  readonly provider: 'aws-kms' | 'azure-key-vault' | 'platform' | 'secret-store' | 'publication';
  /** The provider's own name of it, in our spelling: `decrypt`, `unwrap-key`, `token`. */
  readonly operation: string;
  readonly organization: OrganizationId | null;
  readonly code: ProviderCode | 'OK';
  /** From before it was sent until its answer was judged. */
  readonly ms: number;
  readonly requestId: RequestId | null;
}
export type Observe = (record: CallRecord) => void;

/** `observe`, and whoever else wants to know which calls used a key. */
export const alsoTelling =
  (observe: Observe, onCall: (call: KeyCall) => void = () => undefined): Observe =>
  (record) => {
    observe(record);
    onCall({ requestId: record.requestId, isGood: record.code === 'OK' });
  };

/** What a call is about: the operation, and what its answers are judged by. */
export interface CallAbout {
  readonly operation: string;
  readonly organization: OrganizationId | null;
  readonly signal: AbortSignal;
}

/** How one cloud's answers are read. */
export interface Reading<About extends CallAbout> {
  /** Where raw errors die: out comes a failure built fresh. */
  readonly classify: (raw: unknown, about: About) => ProviderFailure;
  /** The request id of an answer, if it has the grammar. */
  readonly requestIdOf: (answer: unknown) => RequestId | null;
}

export interface CallOptions<About extends CallAbout> extends Reading<About> {
  readonly provider: CallRecord['provider'];
  /** Milliseconds. */
  readonly clock: () => number;
  readonly observe: Observe;
}

/** Sends, and judges the answer: `read` throws {@link ProviderFailure} for an answer that isn't good. */
export type Call<About extends CallAbout> = <Answer, T>(
  about: About,
  send: (signal: AbortSignal) => Promise<Answer>,
  read: (answer: Answer, requestId: RequestId | null) => T,
) => Promise<T>;

/** Exactly one record per call, on every path; whatever is thrown is a {@link ProviderFailure} built here. */
export function createCall<About extends CallAbout>(options: CallOptions<About>): Call<About> {
  const { provider, clock, observe, classify, requestIdOf } = options;
  return async (about, send, read) => {
    const { operation, organization, signal } = about;
    const startedAt = clock();
    const record = (code: CallRecord['code'], requestId: RequestId | null): void =>
      observe({ provider, operation, organization, code, ms: clock() - startedAt, requestId });
    const failureOf = (raw: unknown): ProviderFailure => {
      if (raw instanceof ProviderFailure) return raw;
      return signal.aborted ? new ProviderFailure('DEADLINE_EXCEEDED') : classify(raw, about);
    };
    try {
      if (signal.aborted) throw new ProviderFailure('DEADLINE_EXCEEDED');
      const answer = await abortable(send(signal), signal);
      const requestId = requestIdOf(answer);
      const value = read(answer, requestId);
      record('OK', requestId);
      return value;
    } catch (raw) {
      const failure = failureOf(raw);
      record(failure.code, failure.requestId);
      throw failure;
    }
  };
}

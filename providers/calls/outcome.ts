import { ProviderFailure } from '../../domain/failure';
import type { KeyRef, RequestId } from '../../domain/ids';
import type { Named, Outcome } from '../../domain/ports/prober';

interface Answered {
  readonly requestId: RequestId | null;
}

/** What a step came to, and its value where it came to one. */
export type Step<T> =
  | { readonly outcome: Extract<Outcome, { result: 'ok' }>; readonly value: T }
  | { readonly outcome: Extract<Outcome, { result: 'failed' }>; readonly value: null };

/** @throws whatever isn't a {@link ProviderFailure}: a fault of this process */
export async function step<T extends Answered>(work: () => Promise<T>): Promise<Step<T>> {
  try {
    const value = await work();
    return { outcome: { result: 'ok', requestId: value.requestId }, value };
  } catch (failure) {
    if (!(failure instanceof ProviderFailure)) throw failure;
    const { code, requestId } = failure;
    return { outcome: { result: 'failed', code, requestId }, value: null };
  }
}

/** Where the name that was wrapped for leads. */
export const named = (wrapped: Step<{ readonly keyRef: KeyRef }>): Named =>
  wrapped.value === null ? wrapped.outcome : { ...wrapped.outcome, keyRef: wrapped.value.keyRef };

/** Nothing is looked at behind a door that doesn't open. */
export const notIn = (access: Outcome) => ({
  access,
  reads: [],
  writes: null,
  leadsTo: null,
  trust: null,
});

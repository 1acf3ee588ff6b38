/** What a caller gets instead of an answer. Nothing here carries content, key material or a provider's words. */
import { isProviderCode, PROVIDER_CODES, type ProviderCode } from '../domain/codes';
import { ProviderFailure, Refusal } from '../domain/failure';
import type { RequestId } from '../domain/ids';
import { requestIdOf } from '../domain/intake/fields';
import { CiphertextMalformed, CiphertextRejected, ContextInvalid, PlaintextOversize } from './content-errors';

/**
 * The organization's key can't be had, so nothing can be read or written: the cipher fails closed. There's no
 * latch: the next operation asks the provider again.
 */
export class WorkspaceUnavailable extends Error {
  override readonly name = 'WorkspaceUnavailable';
  readonly code = 'WORKSPACE_UNAVAILABLE';
  constructor(
    /** Why, in the words of the code table. */
    readonly providerCode: ProviderCode,
    /** The provider's own id of the call, for a search in its log; `null` where it gave none. */
    readonly requestId: RequestId | null,
  ) {
    super(`WORKSPACE_UNAVAILABLE: ${providerCode}: ${PROVIDER_CODES[providerCode].text}`);
  }

  /** What to do about it. */
  get remedy(): string {
    return PROVIDER_CODES[this.providerCode].remedy;
  }
}

export type OperationFailure = WorkspaceUnavailable | Refusal;

/**
 * A provider's failure, built afresh: whatever else was thrown by a provider is `UNCLASSIFIED`, and a request id
 * that isn't of its grammar is dropped, so that a fault in `providers/` leaks nothing either.
 */
export function providerFailureOf(error: unknown): ProviderFailure {
  if (!(error instanceof ProviderFailure) || !isProviderCode(error.code))
    return new ProviderFailure('UNCLASSIFIED');
  return new ProviderFailure(error.code, requestIdOf(error.requestId));
}

/** Content that can't be worked on, in the words of the request codes. `where` names the item of a batch. */
export function contentRefusalOf(error: unknown, where: string | null): Refusal {
  const detail = (text: string) => (where === null ? text : `${where}: ${text}`);
  if (error instanceof Refusal) return error;
  if (error instanceof CiphertextRejected) return new Refusal('CIPHERTEXT_REJECTED', where);
  if (error instanceof CiphertextMalformed) return new Refusal('CIPHERTEXT_MALFORMED', detail(error.fault));
  if (error instanceof ContextInvalid) return new Refusal('INPUT_INVALID', detail(`context: ${error.fault}`));
  if (error instanceof PlaintextOversize) return new Refusal('INPUT_TOO_LARGE', where);
  return new Refusal('INTERNAL', where);
}

/** The caller's own copy of a group's failure: errors are mutable, and callers of many requests share a group. */
export function copyOf(failure: OperationFailure): OperationFailure {
  return failure instanceof WorkspaceUnavailable
    ? new WorkspaceUnavailable(failure.providerCode, failure.requestId)
    : new Refusal(failure.code, failure.detail);
}

import type { Connection } from '../connection';
import type { CheckResult } from '../finding';
import type { KeyRef, KeyVersion, OrganizationId, RequestId } from '../ids';

/**
 * What an envelope is bound to. On AWS it is the encryption context `smsk:org`, `smsk:purpose`,
 * `smsk:key-version`: stable and documented, so that customers can write policy conditions on it.
 */
export interface WrapContext {
  readonly organization: OrganizationId;
  readonly purpose: 'workspace-key' | 'canary';
  readonly keyVersion: KeyVersion;
}

export interface Wrapped {
  readonly wrapped: Uint8Array;
  /** The key that wrapped, as the provider answered it. */
  readonly keyRef: KeyRef;
  readonly requestId: RequestId | null;
}

export interface Unwrapped {
  /** The caller owns this buffer and must zero it. */
  readonly bytes: Uint8Array;
  readonly requestId: RequestId | null;
}

/**
 * Told the request id of each attempt that the provider answered and that was then repeated: the provider's log
 * has it as a call of its own. The last attempt's id is in the answer or in the failure.
 */
export type OnRepeated = (requestId: RequestId) => void;

/**
 * A customer's key service. Both calls throw only {@link ProviderFailure}, built fresh: no message, header,
 * stack or cause of the provider's survives. Neither retries, except once with a fresh session where the code
 * table says `once`. `signal` aborts the call (`DEADLINE_EXCEEDED`).
 */
export interface Provider {
  wrap(
    connection: Connection,
    bytes: Uint8Array,
    context: WrapContext,
    signal: AbortSignal,
    onRepeated?: OnRepeated,
  ): Promise<Wrapped>;
  unwrap(
    connection: Connection,
    wrapped: Uint8Array,
    keyRef: KeyRef,
    context: WrapContext,
    signal: AbortSignal,
    onRepeated?: OnRepeated,
  ): Promise<Unwrapped>;
}

/** One wrap or unwrap that a verification asked for. `requestId` is `null` where no answer came. */
export interface KeyCall {
  readonly requestId: RequestId | null;
  /** Whether the key was used, and answered as it should. */
  readonly isGood: boolean;
}

export interface VerificationReport {
  /** Not attributed yet: whose a failure is, is found out by whoever records it. */
  readonly findings: readonly CheckResult[];
  /** The key's immutable name, when wrap succeeded. */
  readonly keyRef: KeyRef | null;
  /** A canary wrapped under the key and proved by an unwrap: what later probes unwrap again. */
  readonly canary: { readonly wrapped: Uint8Array; readonly keyRef: KeyRef } | null;
}

/** The probes and the checks around them, always with fresh credentials. Returns findings; throws only for transient trouble of ours. */
export interface Verifier {
  /** @param onCall told each use of the key, in order, whatever comes of the verification */
  verify(
    connection: Connection,
    signal: AbortSignal,
    onCall?: (call: KeyCall) => void,
  ): Promise<VerificationReport>;
}

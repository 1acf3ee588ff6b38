import type { Instant, KeyRef, OperationId, OrganizationId, RequestId } from '../ids';
import type { OnRepeated, Unwrapped, WrapContext, Wrapped } from './provider';

/** Content half of the operator's own key service: one key per organization. Throws {@link ProviderFailure}. */
export interface PlatformKeys {
  wrap(keyRef: KeyRef, bytes: Uint8Array, context: WrapContext, signal: AbortSignal): Promise<Wrapped>;
  unwrap(
    keyRef: KeyRef,
    wrapped: Uint8Array,
    context: WrapContext,
    signal: AbortSignal,
    onRepeated?: OnRepeated,
  ): Promise<Unwrapped>;
}

export type PlatformKeyState = 'enabled' | 'disabled' | 'pending-deletion' | 'gone';

/**
 * Control half: only the platform process holds the identity for it. Disabling and deleting demand the signed
 * custody statement that says the organization is in customer custody, and verify it before the call.
 */
export interface PlatformKeyControl {
  /**
   * Creates the organization's key, or returns the one it created before (idempotent by organization).
   * @param offboarding the operation that makes another one, of its own: then idempotent by that
   */
  create(organization: OrganizationId, offboarding?: OperationId): Promise<KeyRef>;
  /**
   * Schedules the deletion of what was created for an offboarding that ended before its switch; `null`: nothing was.
   * Idempotent: a key already pending deletion keeps its date.
   */
  retireSpare(
    organization: OrganizationId,
    offboarding: OperationId,
    custodyStatement: string,
  ): Promise<{ readonly keyRef: KeyRef; readonly destroyedAt: Instant } | null>;
  disable(keyRef: KeyRef, custodyStatement: string): Promise<void>;
  /** Idempotent: a key already pending deletion keeps its date. */
  scheduleDeletion(keyRef: KeyRef, custodyStatement: string): Promise<{ destroyedAt: Instant }>;
  state(keyRef: KeyRef): Promise<PlatformKeyState>;
  /**
   * One unwrap on a connection of its own.
   * @returns whether the key refused, and what the provider calls that call; an answer that is neither yes nor no
   *   throws {@link ProviderFailure}.
   */
  refusesUnwrap(
    keyRef: KeyRef,
    wrapped: Uint8Array,
    context: WrapContext,
  ): Promise<{ readonly refused: boolean; readonly requestId: RequestId | null }>;
}

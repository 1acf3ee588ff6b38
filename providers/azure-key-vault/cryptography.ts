import type { AzureConnection } from '../../domain/connection';
import { ProviderFailure } from '../../domain/failure';
import type { KeyRef } from '../../domain/ids';
import { azureKidOf, azureKidParts } from '../../domain/intake/azure';
import type { Unwrapped, WrapContext, Wrapped } from '../../domain/ports/provider';
import { bind, keyBoundTo } from './bound-key';
import type { About, Call } from './call';
import { useKey, type VaultEgress } from './client';

/** What every call to a connection's vault is made with. */
export interface Access {
  readonly call: Call;
  readonly egress: VaultEgress;
  readonly connection: AzureConnection;
  readonly token: string;
  readonly signal: AbortSignal;
}

/** The least that Key Vault makes RSA keys of, and so the length of what they wrap. */
const LEAST_WRAPPED_BYTES = 2048 / 8;

export interface WrapTarget {
  /** The version to name in the call; `null`: whichever is the newest. */
  readonly version: KeyRef | null;
  /** Whether that version may answer; else `KEY_MISMATCH`. */
  readonly accepts: (answered: KeyRef) => boolean;
}

/**
 * wrapKey of the key, ≤ 157 bytes. The caller keeps `bytes`; our copy of it is zeroed, the SDK's text form of it is
 * beyond our reach.
 */
export async function wrap(
  access: Access,
  { version, accepts }: WrapTarget,
  bytes: Uint8Array,
  context: WrapContext,
): Promise<Wrapped> {
  const { call, egress, connection, token } = access;
  const named = {
    key: connection.input.key,
    version: version === null ? null : azureKidParts(version).version,
  };
  const bound = bind(bytes, context);
  try {
    return await call(
      about(access, 'wrap-key', context),
      (signal) => useKey(egress, { use: 'wrapKey', ...named, token }, bound, signal),
      ({ kid, value }, requestId) => {
        const keyRef = answeredKey(kid, requestId);
        if (value === null) throw new ProviderFailure('UNCLASSIFIED', requestId);
        if (!accepts(keyRef)) throw new ProviderFailure('KEY_MISMATCH', requestId);
        if (value.length < LEAST_WRAPPED_BYTES) throw new ProviderFailure('KEY_WRONG_TYPE', requestId);
        return { wrapped: Uint8Array.from(value), keyRef, requestId };
      },
    );
  } finally {
    bound.fill(0);
  }
}

/** unwrapKey with the version named, and the answered one compared. What the vault sent is zeroed on every path. */
export function unwrap(
  access: Access,
  keyRef: KeyRef,
  wrapped: Uint8Array,
  context: WrapContext,
): Promise<Unwrapped> {
  const { call, egress, connection, token } = access;
  const { version } = azureKidParts(keyRef);
  return call(
    about(access, 'unwrap-key', context),
    (signal) =>
      useKey(egress, { use: 'unwrapKey', key: connection.input.key, version, token }, wrapped, signal),
    ({ kid, value }, requestId) => {
      if (value === null) throw new ProviderFailure('UNCLASSIFIED', requestId);
      try {
        if (answeredKey(kid, requestId) !== keyRef) throw new ProviderFailure('KEY_MISMATCH', requestId);
        const bytes = keyBoundTo(value, context);
        if (bytes === null) throw new ProviderFailure('CIPHERTEXT_OR_ALG_MISMATCH', requestId);
        return { bytes, requestId };
      } finally {
        value.fill(0);
      }
    },
  );
}

export const about = (
  { connection, signal }: Access,
  operation: About['operation'],
  { organization }: WrapContext,
): About => ({ operation, organization, signal, tenantId: connection.input.tenantId });

/** No `kid` at all is an answer of something else; one of another form, cloud, or kind isn't our key's. */
function answeredKey(kid: unknown, requestId: Unwrapped['requestId']): KeyRef {
  if (typeof kid !== 'string') throw new ProviderFailure('UNCLASSIFIED', requestId);
  const keyRef = azureKidOf(kid);
  if (keyRef === null) throw new ProviderFailure('KEY_MISMATCH', requestId);
  return keyRef;
}

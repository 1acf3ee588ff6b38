import type { ProviderCode } from '../../domain/codes';
import { type AzureConnection, type Connection, isAzure } from '../../domain/connection';
import { ProviderFailure } from '../../domain/failure';
import { isVersionOf } from '../../domain/intake/azure';
import type { OnRepeated, Provider, WrapContext } from '../../domain/ports/provider';
import type { Observe } from '../calls/call';
import { onceMore } from '../calls/once-more';
import type { AzureIdentityOf } from '../credentials/azure';
import { createCall } from './call';
import { identityFor, requireBound, tokenFor } from './caller';
import type { VaultEgress } from './client';
import { type Access, unwrap, type WrapTarget, wrap } from './cryptography';

export interface AzureKeyVaultOptions {
  readonly egress: VaultEgress;
  readonly identityOf: AzureIdentityOf;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  readonly observe: Observe;
}

/**
 * Customer keys in Azure Key Vault. A wrap names the pinned version once there is one. Only a `canary` wrap still
 * asks for the newest: that is how a rotation by the customer is noticed, as another `keyRef` in the answer.
 * An unwrap always names its version, which may be any of the connection's key.
 */
export function createAzureKeyVaultProvider(options: AzureKeyVaultOptions): Provider {
  const { egress, identityOf, clock, observe } = options;
  const call = createCall({ clock, observe });
  /** Connections whose last refusal may have been the token's fault: the next call gets a new one. */
  const suspects = new Set<string>();

  async function withToken<T>(
    connection: AzureConnection,
    signal: AbortSignal,
    use: (access: Access) => Promise<T>,
    onRepeated?: OnRepeated,
  ): Promise<T> {
    const caller = await identityFor(identityOf, connection, signal);
    requireBound(connection, caller);
    const attempt = async (again: boolean): Promise<T> => {
      const renew = again || suspects.has(connection.digest);
      const token = await tokenFor(caller.identity, connection, signal, renew);
      if (renew) suspects.delete(connection.digest);
      try {
        return await use({ call, egress, connection, token, signal });
      } catch (failure) {
        // One that was made for this call isn't to blame.
        const isSuspect = failure instanceof ProviderFailure && MAY_BE_THE_TOKEN.has(failure.code);
        if (isSuspect && !renew) suspects.add(connection.digest);
        throw failure;
      }
    };
    return onceMore(attempt, { onRepeated });
  }

  return {
    wrap: async (entered, bytes, context, signal, onRepeated) => {
      const connection = ours(entered);
      const target = wrapTarget(connection, context);
      const use = (access: Access) => wrap(access, target, bytes, context);
      return withToken(connection, signal, use, onRepeated);
    },
    unwrap: async (entered, wrapped, keyRef, context, signal, onRepeated) => {
      const connection = ours(entered);
      if (!isVersionOf(keyRef, connection.input.key)) throw new ProviderFailure('KEY_MISMATCH');
      const use = (access: Access) => unwrap(access, keyRef, wrapped, context);
      return withToken(connection, signal, use, onRepeated);
    },
  };
}

/** A token names a principal and what it was when it was made: gone and installed again, it is another one. */
const MAY_BE_THE_TOKEN: ReadonlySet<ProviderCode> = new Set<ProviderCode>([
  'WRAP_DENIED',
  'UNWRAP_DENIED',
  'RBAC_DENIED',
  'ACCESS_POLICY_DENIED',
  'SESSION_EXPIRED',
  'UNCLASSIFIED',
]);

function ours(connection: Connection): AzureConnection {
  if (!isAzure(connection)) throw new ProviderFailure('CONFIG_INVALID');
  return connection;
}

function wrapTarget({ input: { key }, pinnedKeyRef }: AzureConnection, { purpose }: WrapContext): WrapTarget {
  if (pinnedKeyRef === null || purpose === 'canary')
    return { version: null, accepts: (answered) => isVersionOf(answered, key) };
  if (!isVersionOf(pinnedKeyRef, key)) throw new ProviderFailure('KEY_MISMATCH');
  return { version: pinnedKeyRef, accepts: (answered) => answered === pinnedKeyRef };
}

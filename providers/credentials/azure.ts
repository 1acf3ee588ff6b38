import type { AzureConnection } from '../../domain/connection';
import type { AzureCloud } from '../../domain/intake/azure';

/** A token for a vault's cloud, for its `Authorization: Bearer`. */
export interface AzureToken {
  readonly token: string;
  /** Milliseconds since the epoch, by our clock. */
  readonly expiresAtMs: number;
}

/** Who calls a vault: an application of Entra ID and a way to prove that we are it. */
export interface AzureIdentity {
  readonly clientId: string;
  /**
   * A token for Key Vault in that tenant: the one at hand, or with `renew` a new one. The tenant is the connection's,
   * never one that a challenge names.
   * @throws ProviderFailure of Entra's rows of the code table; nothing else
   */
  token(
    where: { readonly cloud: AzureCloud; readonly tenantId: string },
    signal: AbortSignal,
    renew: boolean,
  ): Promise<AzureToken>;
}

export interface AzureIdentityInUse {
  readonly identity: AzureIdentity;
  /**
   * Whether no other organization is served with it (its own app, or a reference bound to it). With an app that
   * serves several, a key's name must carry the organization's token (confused deputy).
   */
  readonly isOrganizationsOwn: boolean;
}

/**
 * Whom a connection's calls are made as.
 * @throws ProviderFailure REFERENCE_UNKNOWN, CREDENTIAL_UNAVAILABLE, CREDENTIAL_EXPIRED
 */
export type AzureIdentityOf = (
  connection: AzureConnection,
  signal: AbortSignal,
) => Promise<AzureIdentityInUse>;

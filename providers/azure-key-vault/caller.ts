import type { AzureConnection } from '../../domain/connection';
import { DatabaseUnavailable, ProviderFailure } from '../../domain/failure';
import { azureKeyParts } from '../../domain/intake/azure';
import { carriesToken } from '../../domain/set-up/azure';
import { abortable } from '../calls/abortable';
import type { AzureIdentity, AzureIdentityInUse, AzureIdentityOf } from '../credentials/azure';

/** @throws ProviderFailure, whatever a source of identities rejects with; DatabaseUnavailable, which is nobody's identity. */
export function identityFor(
  identityOf: AzureIdentityOf,
  connection: AzureConnection,
  signal: AbortSignal,
): Promise<AzureIdentityInUse> {
  return failingAsOurs(() => identityOf(connection, signal), signal);
}

/**
 * Confused deputy: Azure has nothing like an external ID, so with an app that serves several organizations whoever
 * names another's key would have us use it. The key's own name must say whom it is for.
 * @throws ProviderFailure KEY_NOT_BOUND
 */
export function requireBound(
  { input, externalId }: AzureConnection,
  { isOrganizationsOwn }: AzureIdentityInUse,
): void {
  if (isOrganizationsOwn) return;
  if (!carriesToken(input.key, externalId)) throw new ProviderFailure('KEY_NOT_BOUND');
}

/** The tenant is the connection's, the cloud its key's. @throws ProviderFailure */
export async function tokenFor(
  identity: AzureIdentity,
  { input: { key, tenantId } }: AzureConnection,
  signal: AbortSignal,
  renew: boolean,
): Promise<string> {
  const { cloud } = azureKeyParts(key);
  return (await failingAsOurs(() => identity.token({ cloud, tenantId }, signal, renew), signal)).token;
}

async function failingAsOurs<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  try {
    if (signal.aborted) throw new ProviderFailure('DEADLINE_EXCEEDED');
    return await abortable(work(), signal);
  } catch (raw) {
    const isOurs = raw instanceof ProviderFailure || raw instanceof DatabaseUnavailable;
    throw isOurs ? raw : new ProviderFailure('CREDENTIAL_UNAVAILABLE');
  }
}

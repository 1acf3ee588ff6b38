import { readFile } from 'node:fs/promises';
import { AZURE_CLOUDS, type AzureCloud } from '../../domain/intake/azure';
import { jws } from '../../domain/intake/fields';
import { abortable } from '../calls/abortable';
import { azureCertificate } from './azure-certificate';
import type { ManagedIdentity } from './managed-identity';

/** What shows Entra that we are an application: goes into one token request and is forgotten. */
export type AzureProof =
  | { readonly kind: 'assertion'; readonly assertion: string }
  | { readonly kind: 'secret'; readonly secret: string };

/**
 * Makes a proof for one token request.
 * @param tokenUrl whom it is for: the token endpoint that it's going to be sent to
 * @param renew past any cache
 * Whatever it rejects with that isn't a ProviderFailure is reported as unusable.
 */
export type ProveApp = (
  to: { readonly cloud: AzureCloud; readonly tokenUrl: string },
  signal: AbortSignal,
  renew: boolean,
) => Promise<AzureProof>;

export interface CertificateProofOptions {
  readonly clientId: string;
  /** PEM with the certificate and its private key; asked for anew each time, so that a renewed one counts at once. */
  readonly pem: () => string | Promise<string>;
  /** Milliseconds. */
  readonly clock: () => number;
}

/** A client assertion under the app's certificate. */
export function certificateProof({ clientId, pem, clock }: CertificateProofOptions): ProveApp {
  return async ({ tokenUrl }) => {
    const certificate = azureCertificate(await pem());
    return { kind: 'assertion', assertion: await certificate.assertion(clientId, tokenUrl, clock()) };
  };
}

/**
 * A token that the platform keeps in a file (Kubernetes' projected service account token): it is the assertion, and
 * rotated by whoever wrote it, so it is read each time.
 * https://learn.microsoft.com/entra/workload-id/workload-identity-federation
 */
export function tokenFileProof(file: string): ProveApp {
  return async (_to, signal) => {
    const text = await abortable(readFile(file, 'utf8'), signal);
    return { kind: 'assertion', assertion: jws.parse(text.trim()) };
  };
}

/**
 * A managed identity's token for the cloud's exchange audience is the assertion. It is only ever that: the identity
 * can't cross tenants, the app it federates with can.
 * https://learn.microsoft.com/entra/workload-id/workload-identity-federation-config-app-trust-managed-identity
 */
export function managedIdentityProof(identity: ManagedIdentity): ProveApp {
  return async ({ cloud }, signal, renew) => ({
    kind: 'assertion',
    assertion: await identity.token(AZURE_CLOUDS[cloud].exchangeAudience, signal, renew),
  });
}

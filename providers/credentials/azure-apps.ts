import type { OrganizationId } from '../../domain/ids';
import type { Observe } from '../calls/call';
import type { Egress } from '../egress/egress';
import type { AzureIdentityInUse } from './azure';
import { azureApp } from './azure-app';
import { azureCertificate } from './azure-certificate';
import { type AzureAppSource, type ProvingOptions, proving } from './azure-source';

/** An app registration of the operator's. With an organization it is that organization's own. */
export interface AzureAppSettings {
  readonly clientId: string;
  readonly organization: OrganizationId | null;
  readonly source: AzureAppSource;
}

export interface AzureAppsOptions extends ProvingOptions {
  readonly apps: readonly AzureAppSettings[];
  readonly egress: Pick<Egress, 'azure'>;
  readonly observe: Observe;
}

export interface AzureApps {
  /**
   * The app as whom that organization's vault may be called. `null` is REFERENCE_UNKNOWN to whoever entered the id,
   * be it that no app of ours has it or that it's another organization's own: the two can't be told apart.
   */
  find(clientId: string, organization: OrganizationId): AzureIdentityInUse | null;
  /**
   * Ends of the certificates, read now; `null`: it can't be read. Apps without a certificate have none.
   */
  certificates(): readonly { readonly clientId: string; readonly expiresAtMs: number | null }[];
}

/** @throws Error at start-up for a managed identity whose endpoint isn't this machine's. */
export function azureAppIdentities(options: AzureAppsOptions): AzureApps {
  const { apps, egress, clock, observe, secret } = options;
  const proofs = proving(
    options,
    apps.map(({ source }) => source),
  );
  const known = apps.map(({ clientId, organization, source }) => ({
    clientId,
    organization,
    inUse: {
      identity: azureApp({
        clientId,
        prove: proofs(clientId, source),
        owner: 'operator',
        egress,
        clock,
        observe,
      }),
      isOrganizationsOwn: organization !== null,
    },
  }));
  return {
    find: (clientId, organization) =>
      known.find(
        (app) =>
          app.clientId === clientId && (app.organization === null || app.organization === organization),
      )?.inUse ?? null,
    certificates: () =>
      apps.flatMap(({ clientId, source }) =>
        source.kind === 'certificate' ? [{ clientId, expiresAtMs: endOf(() => secret(source.file)) }] : [],
      ),
  };
}

function endOf(pem: () => string): number | null {
  try {
    return azureCertificate(pem()).expiresAtMs;
  } catch {
    return null;
  }
}

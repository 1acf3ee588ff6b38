import type { OrganizationId } from '../../domain/ids';
import type { Observe } from '../calls/call';
import type { AzureEmulator } from '../egress/azure-emulator';
import type { Egress } from '../egress/egress';
import type { AzureIdentityInUse } from './azure';
import { azureApp } from './azure-app';
import { azureCertificate } from './azure-certificate';
import { certificateProof, managedIdentityProof, type ProveApp, tokenFileProof } from './azure-proof';
import { identityEndpoint, managedIdentity } from './managed-identity';

/** How an app registration of ours proves itself. None of them holds a secret of its own in the configuration. */
export type AzureAppSource =
  | { readonly kind: 'certificate'; readonly file: string }
  | { readonly kind: 'workload-identity'; readonly tokenFile: string }
  | { readonly kind: 'managed-identity'; readonly clientId: string | null };

/** An app registration of the operator's. With an organization it is that organization's own. */
export interface AzureAppSettings {
  readonly clientId: string;
  readonly organization: OrganizationId | null;
  readonly source: AzureAppSource;
}

export interface AzureAppsOptions {
  readonly apps: readonly AzureAppSettings[];
  readonly egress: Pick<Egress, 'azure'>;
  readonly emulator: AzureEmulator | null;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: () => number;
  readonly observe: Observe;
  /** Makes a configured path absolute. */
  readonly path: (file: string) => string;
  /** Reads a file that its owner alone may read. */
  readonly secret: (file: string) => string;
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
  const proofs = proving(options);
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

function proving({ apps, clock, env, emulator, path, secret }: AzureAppsOptions) {
  const endpoint = apps.some(({ source }) => source.kind === 'managed-identity')
    ? identityEndpoint(env, emulator)
    : ({ kind: 'imds' } as const);
  return (clientId: string, source: AzureAppSource): ProveApp => {
    switch (source.kind) {
      case 'certificate':
        return certificateProof({ clientId, pem: () => secret(source.file), clock });
      case 'workload-identity':
        return tokenFileProof(path(source.tokenFile));
      case 'managed-identity':
        return managedIdentityProof(managedIdentity(endpoint, source.clientId, clock));
      default: {
        const unknown: never = source;
        throw new Error(`unknown source ${String(unknown)}`);
      }
    }
  };
}

import type { CredentialEnds, CredentialReferences } from '../../../domain/ports/credential-references';
import type { AwsIdentity } from '../../aws-kms/clients';
import type { AwsReferencedOf } from '../../aws-kms/referenced';
import type { Observe } from '../../calls/call';
import type { Egress } from '../../egress/egress';
import type { AzureIdentityOf } from '../azure';
import { azureApp } from '../azure-app';
import { type AzureAppSource, type ProvingOptions, proving } from '../azure-source';
import type { IdentitySource } from '../source';
import { approvedAws } from './aws';
import { approvedAzure } from './azure';
import { credentialEnds } from './ends';
import { approvedEntries } from './entry';
import { mountedFiles } from './mounted-files';
import type { Place } from './place';
import { credentialReader } from './read';
import { secretsManager } from './secrets-manager';
import { vaultSecrets } from './vault-secrets';

/** The operator's places in which customers' credentials lie, as the configuration names them. */
export interface PlaceSettings {
  readonly folder: string | null;
  readonly secretsManager: {
    readonly region: string;
    readonly prefix: string;
    readonly identity: IdentitySource;
  } | null;
  readonly vault: {
    readonly host: string;
    readonly tenantId: string;
    readonly app: { readonly clientId: string; readonly source: AzureAppSource };
  } | null;
}

export interface ApprovedOptions extends ProvingOptions {
  readonly settings: PlaceSettings;
  readonly references: CredentialReferences;
  readonly identityOf: (source: IdentitySource) => AwsIdentity;
  readonly egress: Egress;
  readonly observe: Observe;
}

export interface Approved {
  readonly aws: AwsReferencedOf;
  readonly azure: AzureIdentityOf;
  readonly ends: CredentialEnds;
}

/** Approved references, resolved at use. */
export function approvedCredentials(options: ApprovedOptions): Approved {
  const { settings, references, identityOf, egress, clock, observe, path } = options;
  const { folder, secretsManager: manager, vault } = settings;
  const places = {
    file: folder === null ? null : mountedFiles(path(folder)),
    aws:
      manager === null
        ? null
        : secretsManager({ ...manager, identity: identityOf(manager.identity), egress }),
    azure: vault === null ? null : vaultOf(options, vault),
  };
  const read = credentialReader({ places, clock, observe });
  const entryFor = approvedEntries(references, clock);
  return {
    aws: approvedAws(entryFor, read, clock),
    azure: approvedAzure({ entryFor, read, egress, clock, observe }),
    ends: credentialEnds(read),
  };
}

function vaultOf(
  options: ApprovedOptions,
  { host, tenantId, app: { clientId, source } }: NonNullable<PlaceSettings['vault']>,
): Place {
  const { egress, clock, observe } = options;
  const prove = proving(options, [source])(clientId, source);
  const identity = azureApp({ clientId, prove, owner: 'operator', egress, clock, observe });
  return vaultSecrets({ host, tenantId, identity, egress });
}

import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ProviderFailure } from '../domain/failure';
import type { StatementVerifier } from '../domain/ports/authority';
import type { CredentialEnds, CredentialReferences } from '../domain/ports/credential-references';
import type { PlatformKeyControl, PlatformKeys } from '../domain/ports/platform';
import type { Prober } from '../domain/ports/prober';
import type { Provider, Verifier } from '../domain/ports/provider';
import { createCall } from './aws-kms/call';
import { refuseEndpointEnvironment } from './aws-kms/environment';
import { createAwsKmsProber } from './aws-kms/prober';
import { createAwsKmsProvider } from './aws-kms/provider';
import { createAwsKmsVerifier } from './aws-kms/verifier';
import { createAzureKeyVaultProber } from './azure-key-vault/prober';
import { createAzureKeyVaultProvider } from './azure-key-vault/provider';
import { createAzureKeyVaultVerifier } from './azure-key-vault/verifier';
import type { Observe } from './calls/call';
import { approvedCredentials, type PlaceSettings } from './credentials/approved/compose';
import type { AzureIdentityOf } from './credentials/azure';
import { type AzureAppSettings, type AzureApps, azureAppIdentities } from './credentials/azure-apps';
import { type IdentitySource, identities } from './credentials/source';
import { type Egress, egressFor } from './egress/egress';
import { refuseAzureEnvironment } from './egress/environment';
import { createPlatformKeyControl } from './platform/control';
import { createPlatformKeys } from './platform/keys';
import { routedProber, routedProvider, routedVerifier } from './route';

/** What the configuration says of the clouds. */
export interface ProviderSettings {
  readonly mode: 'development' | 'production';
  readonly aws: { readonly identity: IdentitySource; readonly emulatorUrl: string | null };
  readonly azure: {
    readonly apps: readonly AzureAppSettings[];
    readonly emulator: { readonly url: string; readonly caFile: string } | null;
  };
  readonly platform: {
    readonly region: string;
    readonly content: IdentitySource;
    readonly control: IdentitySource;
  };
  readonly references: PlaceSettings;
}

export interface ProcessSettings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly path: (file: string) => string;
  /** Reads a file that its owner alone may read. */
  readonly secret: (file: string) => string;
  /** Tells the process apart in the customer's CloudTrail. */
  readonly processTag: string;
  readonly observe: Observe;
  /** Entries that customers' approved references are resolved by. */
  readonly references: CredentialReferences;
}

/** A process's way to the clouds. An identity's credentials are fetched at its first call, so what isn't used isn't held. */
export interface Providers {
  readonly egress: Egress;
  /** Of customers' keys, whichever cloud a connection is of. */
  readonly provider: Provider;
  verifier(): Verifier;
  /** Of connections in use. */
  prober(): Prober;
  readonly azureApps: AzureApps;
  /** When what approved references lead to ends. */
  readonly credentialEnds: CredentialEnds;
  platformKeys(): PlatformKeys;
  /** For the platform process alone. @param deadlineMs of each call */
  platformKeyControl(statements: StatementVerifier, deadlineMs: number): PlatformKeyControl;
}

/** @throws Error at start-up for an environment that would redirect provider calls. */
export function composeProviders(
  { mode, aws, azure, platform, references: places }: ProviderSettings,
  { env, path, secret, processTag, observe, references }: ProcessSettings,
): Providers {
  refuseEndpointEnvironment(env);
  refuseAzureEnvironment(env);
  const emulator =
    azure.emulator === null
      ? null
      : { url: azure.emulator.url, ca: readFileSync(path(azure.emulator.caFile), 'utf8') };
  const egress = egressFor(mode, aws.emulatorUrl, emulator);
  const { region } = platform;
  const clock = Date.now;
  const own = { egress, region, clock, observe };
  const call = createCall({ provider: 'platform', clock, observe });
  const identityOf = identities({ egress, region, processTag, clock, path, call });
  const content = identityOf(platform.content);
  const means = { egress, emulator, env, clock, observe, path, secret };
  const azureApps = azureAppIdentities({ apps: azure.apps, ...means });
  const approved = approvedCredentials({ settings: places, references, identityOf, ...means });
  const onAws = {
    ...{ egress, identity: identityOf(aws.identity), clock, observe, processTag },
    referencedOf: approved.aws,
  };
  const onAzure = { egress, identityOf: asApp(azureApps, approved.azure), clock, observe };
  return {
    egress,
    azureApps,
    credentialEnds: approved.ends,
    provider: routedProvider({
      'aws-kms': createAwsKmsProvider(onAws),
      'azure-key-vault': createAzureKeyVaultProvider(onAzure),
    }),
    verifier: () =>
      routedVerifier({
        'aws-kms': createAwsKmsVerifier({ ...onAws, random: randomBytes }),
        'azure-key-vault': createAzureKeyVaultVerifier({ ...onAzure, random: randomBytes }),
      }),
    prober: () =>
      routedProber({
        'aws-kms': createAwsKmsProber({ ...onAws, random: randomBytes }),
        'azure-key-vault': createAzureKeyVaultProber({ ...onAzure, random: randomBytes }),
      }),
    platformKeys: () => createPlatformKeys({ ...own, identity: content }),
    platformKeyControl: (statements, deadlineMs) =>
      createPlatformKeyControl({
        ...own,
        control: identityOf(platform.control),
        cipher: content,
        principals: { control: platform.control.arn, cipher: platform.content.arn },
        statements,
        deadlineMs,
      }),
  };
}

/** Whoever names an app that isn't configured, or is another organization's own, hears that there's none. */
const asApp =
  (apps: AzureApps, approved: AzureIdentityOf): AzureIdentityOf =>
  async (connection, signal) => {
    const { input, organization } = connection;
    const { credential } = input;
    if (credential.kind === 'approved') return approved(connection, signal);
    const app = apps.find(credential.clientId, organization);
    if (app === null) throw new ProviderFailure('REFERENCE_UNKNOWN');
    return app;
  };

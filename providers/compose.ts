import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ProviderFailure } from '../domain/failure';
import type { StatementVerifier } from '../domain/ports/authority';
import type { PlatformKeyControl, PlatformKeys } from '../domain/ports/platform';
import type { Provider, Verifier } from '../domain/ports/provider';
import { createCall } from './aws-kms/call';
import { refuseEndpointEnvironment } from './aws-kms/environment';
import { createAwsKmsProvider } from './aws-kms/provider';
import { createAwsKmsVerifier } from './aws-kms/verifier';
import { createAzureKeyVaultProvider } from './azure-key-vault/provider';
import { createAzureKeyVaultVerifier } from './azure-key-vault/verifier';
import type { Observe } from './calls/call';
import type { AzureIdentityOf } from './credentials/azure';
import { type AzureAppSettings, type AzureApps, azureAppIdentities } from './credentials/azure-apps';
import { type IdentitySource, identities } from './credentials/source';
import { type Egress, egressFor } from './egress/egress';
import { refuseAzureEnvironment } from './egress/environment';
import { createPlatformKeyControl } from './platform/control';
import { createPlatformKeys } from './platform/keys';
import { routedProvider, routedVerifier } from './route';

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
}

export interface ProcessSettings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly path: (file: string) => string;
  /** Reads a file that its owner alone may read. */
  readonly secret: (file: string) => string;
  /** Tells the process apart in the customer's CloudTrail. */
  readonly processTag: string;
  readonly observe: Observe;
}

/** A process's way to the clouds. An identity's credentials are fetched at its first call, so what isn't used isn't held. */
export interface Providers {
  readonly egress: Egress;
  /** Of customers' keys, whichever cloud a connection is of. */
  readonly provider: Provider;
  verifier(): Verifier;
  readonly azureApps: AzureApps;
  platformKeys(): PlatformKeys;
  /** For the platform process alone. @param deadlineMs of each call */
  platformKeyControl(statements: StatementVerifier, deadlineMs: number): PlatformKeyControl;
}

/** @throws Error at start-up for an environment that would redirect provider calls. */
export function composeProviders(
  { mode, aws, azure, platform }: ProviderSettings,
  { env, path, secret, processTag, observe }: ProcessSettings,
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
  const azureApps = azureAppIdentities({
    apps: azure.apps,
    ...{ egress, emulator, env, clock, observe, path, secret },
  });
  const onAws = { egress, identity: identityOf(aws.identity), clock, observe, processTag };
  const onAzure = { egress, identityOf: asApp(azureApps), clock, observe };
  return {
    egress,
    azureApps,
    provider: routedProvider({
      'aws-kms': createAwsKmsProvider(onAws),
      'azure-key-vault': createAzureKeyVaultProvider(onAzure),
    }),
    verifier: () =>
      routedVerifier({
        'aws-kms': createAwsKmsVerifier({ ...onAws, random: randomBytes }),
        'azure-key-vault': createAzureKeyVaultVerifier({ ...onAzure, random: randomBytes }),
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
  (apps: AzureApps): AzureIdentityOf =>
  async ({ input: { credential }, organization }) => {
    const app = credential.kind === 'azure-app' ? apps.find(credential.clientId, organization) : null;
    if (app === null) throw new ProviderFailure('REFERENCE_UNKNOWN');
    return app;
  };

import { KMSClient } from '@aws-sdk/client-kms';
import { STSClient } from '@aws-sdk/client-sts';
import type { AwsService } from '../egress/aws';
import type { Egress, Service } from '../egress/egress';
import { allowOnly, FIRST } from './least-privilege';

export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  /** When they stop to work, if they do. */
  readonly expiration?: Date;
}

/**
 * An identity of ours. `refresh` asks past any cache: the provider refused what it got before.
 * Whatever it rejects with that isn't a ProviderFailure is reported as `OUR_IDENTITY`.
 */
export type AwsIdentity = (options?: { readonly refresh: boolean }) => Promise<AwsCredentials>;

/** Everything the SDK would otherwise look up in the environment or in a profile is given. */
export const sdkSettings = (
  egress: Egress,
  service: AwsService,
  region: string,
  credentials: AwsCredentials,
) => sdkSettingsAt(egress.aws(service, region), region, credentials);

/** The same for an endpoint that isn't AWS's. */
export const sdkSettingsAt = (way: Service, region: string, credentials: AwsCredentials) => ({
  ...way,
  region,
  credentials,
  // Ours is the only retry: a denial is never repeated, and every attempt is one record.
  maxAttempts: 1,
  retryMode: 'standard',
  useFipsEndpoint: false,
  useDualstackEndpoint: false,
});

/** A KMS client that sends nothing but `commands`. Never `destroy()` it: the connections are everybody's. */
export function kmsClient(
  egress: Egress,
  region: string,
  credentials: AwsCredentials,
  commands: readonly string[],
): KMSClient {
  const client = new KMSClient(sdkSettings(egress, 'kms', region, credentials));
  sharingClock(client, egress);
  client.middlewareStack.add(allowOnly(commands), FIRST);
  return client;
}

/** An STS client that sends nothing but AssumeRole. */
export const stsClient = (egress: Egress, region: string, credentials: AwsCredentials): STSClient =>
  stsClientFor(egress, region, credentials, 'AssumeRole');

/** An STS client that sends nothing but GetCallerIdentity. */
export const callerClient = (egress: Egress, region: string, credentials: AwsCredentials): STSClient =>
  stsClientFor(egress, region, credentials, 'GetCallerIdentity');

function stsClientFor(
  egress: Egress,
  region: string,
  credentials: AwsCredentials,
  command: string,
): STSClient {
  const client = new STSClient(sdkSettings(egress, 'sts', region, credentials));
  sharingClock(client, egress);
  client.middlewareStack.add(allowOnly([command]), FIRST);
  return client;
}

/**
 * The SDK learns how wrong our clock is from each answer, but per client, and ours are short-lived: without this,
 * the retry after `OUR_CLOCK_OR_CREDS` would sign by the same wrong clock again.
 */
export function sharingClock(
  { config }: { readonly config: object },
  { clockOffset }: Pick<Egress, 'clockOffset'>,
): void {
  Object.defineProperty(config, 'systemClockOffset', {
    get: () => clockOffset.ms,
    set: (ms: number) => {
      clockOffset.ms = ms;
    },
  });
}

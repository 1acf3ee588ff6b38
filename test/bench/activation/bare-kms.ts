import { KMSClient } from '@aws-sdk/client-kms';
import type { OrganizationId } from '../../../domain/ids';

export interface AwsKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** Where the AWS emulator is, and in what region it's asked. */
export interface AwsPlace {
  readonly endpoint: string;
  readonly region: string;
}

export const kmsClient = ({ endpoint, region }: AwsPlace, credentials: AwsKeys): KMSClient =>
  new KMSClient({ region, endpoint, credentials, maxAttempts: 1 });

export const contextOf = (organization: OrganizationId): Record<string, string> => ({
  'smsk:org': organization,
  'smsk:purpose': 'workspace-key',
  'smsk:key-version': '1',
});

export async function refused(call: Promise<unknown>): Promise<void> {
  const isRefused = await call.then(
    () => false,
    () => true,
  );
  if (!isRefused) throw new Error('it should have been refused');
}

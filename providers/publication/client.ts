import { S3Client } from '@aws-sdk/client-s3';
import { type AwsCredentials, sdkSettingsAt, sharingClock } from '../aws-kms/clients';
import { allowOnly, FIRST } from '../aws-kms/least-privilege';
import type { Egress, Service } from '../egress/egress';

/** It can put what isn't there, and read: there's no command here that deletes. */
const COMMANDS = ['PutObject', 'GetObject', 'ListObjectsV2'] as const;

/** @param way to the store; `egress` is asked for its clock alone */
export function objectClient(
  egress: Pick<Egress, 'clockOffset'>,
  way: Service,
  region: string,
  credentials: AwsCredentials,
): S3Client {
  const client = new S3Client({
    ...sdkSettingsAt(way, region, credentials),
    // One origin for all buckets, and stores of one's own have no names for them.
    forcePathStyle: true,
    followRegionRedirects: false,
    // Ours is asked for by name, so that no other is chosen for us.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
  sharingClock(client, egress);
  client.middlewareStack.add(allowOnly(COMMANDS), FIRST);
  return client;
}

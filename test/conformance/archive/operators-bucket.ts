import { CreateBucketCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import type { Archive, BucketPlace } from '../../../domain/ports/archive';
import { type AwsEmulator, startAwsEmulator } from '../../../emulators/aws/emulator';
import { createIamClient, element } from '../../../emulators/aws/iam-client';
import type { AwsCredentials } from '../../../providers/aws-kms/clients';
import type { CallRecord } from '../../../providers/calls/call';
import { OwnClient } from '../../../providers/credentials/own-client';
import { egressFor } from '../../../providers/egress/egress';
import { bucketArchive } from '../../../providers/publication/bucket';
import { objectClient } from '../../../providers/publication/client';
import { examplePolicy } from './example-policy';

export const REGION = 'eu-central-1';
export const BUCKET = 'novantra-ledgers';
const PREFIX = 'smsk/';

export interface OperatorsBucket {
  readonly emulator: AwsEmulator;
  /** Everything may be done with it. */
  readonly admin: S3Client;
  /** What our processes were refused or answered, by the provider's name of it. */
  readonly records: CallRecord[];
  readonly pauses: number[];
  archive(
    changes?: Partial<BucketPlace> & { readonly credentials?: AwsCredentials; readonly region?: string },
  ): Archive;
  names(): Promise<readonly string[]>;
  /** Our user's one policy. */
  permit(policy: object): Promise<void>;
  readonly credentials: AwsCredentials;
  advance(ms: number): void;
  close(): Promise<void>;
}

/** An emulated account of the operator's with a bucket that locks objects, and a user that may what the manual says. */
export async function operatorsBucket(listAtMost = 1_000): Promise<OperatorsBucket> {
  let aheadMs = 0;
  const clock = () => Date.now() + aheadMs;
  const emulator = await startAwsEmulator({ listAtMost, clock });
  const { admin: owner } = emulator.createAccount({ name: 'operator' });
  const admin = new S3Client({
    ...{ endpoint: emulator.url, region: REGION, credentials: owner, forcePathStyle: true, maxAttempts: 1 },
    ...{ requestChecksumCalculation: 'WHEN_REQUIRED', systemClockOffset: 0 },
  });
  await admin.send(new CreateBucketCommand({ Bucket: BUCKET, ObjectLockEnabledForBucket: true }));
  const iam = createIamClient(emulator.url, owner, clock);
  const UserName = 'smsk-publication';
  await iam.call('CreateUser', { UserName });
  const permit = async (policy: object): Promise<void> => {
    await iam.call('PutUserPolicy', { UserName, PolicyName: 'own', PolicyDocument: JSON.stringify(policy) });
  };
  await permit(examplePolicy());
  const key = await iam.call('CreateAccessKey', { UserName });
  const credentials = {
    accessKeyId: element(key, 'AccessKeyId') ?? '',
    secretAccessKey: element(key, 'SecretAccessKey') ?? '',
  };
  const records: CallRecord[] = [];
  const pauses: number[] = [];
  return {
    emulator,
    admin,
    records,
    pauses,
    credentials,
    permit,
    advance: (ms) => {
      aheadMs += ms;
    },
    archive: ({ credentials: other = credentials, region = REGION, ...place } = {}) => {
      const egress = egressFor('development', emulator.url);
      const make = (given: AwsCredentials) => objectClient(egress, egress.aws('s3', region), region, given);
      return bucketArchive({
        place: { bucket: BUCKET, prefix: PREFIX, retentionDays: 30, ...place },
        region,
        client: new OwnClient({ identity: async () => other, clock, make }),
        observe: (record) => void records.push(record),
        clock,
        pause: async (ms) => void pauses.push(ms),
      });
    },
    names: async () => {
      const { Contents = [] } = await admin.send(new ListObjectsV2Command({ Bucket: BUCKET }));
      return Contents.map(({ Key = '' }) => Key.slice(PREFIX.length));
    },
    close: async () => {
      admin.destroy();
      await emulator.close();
    },
  };
}

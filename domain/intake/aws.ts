import { z } from 'zod';
import type { KeyRef } from '../ids';

/**
 * Key identifiers are addresses given by outsiders: regions come from a closed list, because they become part
 * of a host name we connect to.
 */
export const AWS_REGIONS = {
  aws: [
    'us-east-1',
    'us-east-2',
    'us-west-1',
    'us-west-2',
    'af-south-1',
    'ap-east-1',
    'ap-east-2',
    'ap-south-1',
    'ap-south-2',
    'ap-northeast-1',
    'ap-northeast-2',
    'ap-northeast-3',
    'ap-southeast-1',
    'ap-southeast-2',
    'ap-southeast-3',
    'ap-southeast-4',
    'ap-southeast-5',
    'ap-southeast-6',
    'ap-southeast-7',
    'ca-central-1',
    'ca-west-1',
    'eu-central-1',
    'eu-central-2',
    'eu-west-1',
    'eu-west-2',
    'eu-west-3',
    'eu-south-1',
    'eu-south-2',
    'eu-north-1',
    'il-central-1',
    'me-south-1',
    'me-central-1',
    'mx-central-1',
    'sa-east-1',
  ],
  'aws-us-gov': ['us-gov-east-1', 'us-gov-west-1'],
  'aws-cn': ['cn-north-1', 'cn-northwest-1'],
} as const;
export type AwsPartition = keyof typeof AWS_REGIONS;

const PARTITIONS = Object.keys(AWS_REGIONS) as AwsPartition[];

/** The partition a region belongs to, or `undefined` for one that isn't on the list. */
export function partitionOf(region: string): AwsPartition | undefined {
  return PARTITIONS.find((partition) => (AWS_REGIONS[partition] as readonly string[]).includes(region));
}

const KEY_ARN =
  /^arn:(aws|aws-us-gov|aws-cn):kms:([a-z0-9-]{4,25}):(\d{12}):(key\/(?:mrk-[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})|alias\/[a-zA-Z0-9/_-]{1,240})$/;
const ROLE_ARN =
  /^arn:(aws|aws-us-gov|aws-cn):iam::(\d{12}):role\/((?:[\x21-\x2e\x30-\x7e]{1,100}\/)*[\w+=,.@-]{1,64})$/;

export const awsRegion = z
  .string()
  .refine(
    (region) => partitionOf(region) !== undefined,
    'is not an AWS region we know; write it like eu-central-1',
  );

export const awsKeyIdentifier = z
  .string()
  .max(400)
  .regex(KEY_ARN, 'must be a full key ARN (arn:aws:kms:REGION:ACCOUNT:key/ID) or alias ARN (…:alias/NAME)')
  .refine(
    (arn) => !arn.includes(':key/mrk-'),
    'is a multi-Region key: its replicas have off-switches of their own, so v1 takes single-Region keys only',
  )
  .refine(
    (arn) => !arn.includes(':alias/aws/'),
    'is an AWS managed key, whose policy you can’t change; create a customer managed key',
  );

export const awsRoleArn = z
  .string()
  .max(600)
  .regex(ROLE_ARN, 'must be a role ARN like arn:aws:iam::123456789012:role/novantra-wrap');

const PRINCIPAL_ARN =
  /^arn:(aws|aws-us-gov|aws-cn):iam::\d{12}:(?:user|role)\/(?:[\x21-\x2e\x30-\x7e]{1,100}\/)*[\w+=,.@-]{1,64}$/;

/** Whose credentials a reference stands for. */
export const awsPrincipalArn = z
  .string()
  .max(600)
  .regex(
    PRINCIPAL_ARN,
    'must be the ARN of an IAM user or role like arn:aws:iam::123456789012:user/novantra-wrap',
  );

/**
 * The key that AWS says has answered, or `null` for anything but a key's own ARN: it goes into the ledger, so it must
 * have no room for anything else.
 */
export function awsKeyRefOf(raw: unknown): KeyRef | null {
  const isKey = typeof raw === 'string' && KEY_ARN.test(raw) && !raw.includes(':alias/');
  return isKey && partitionOf(raw.split(':')[3] ?? '') !== undefined ? (raw as KeyRef) : null;
}

export interface AwsKeyParts {
  readonly partition: AwsPartition;
  readonly region: string;
  readonly account: string;
  readonly isAlias: boolean;
}

/** Parts of an identifier that `awsKeyIdentifier` accepted. */
export function awsKeyParts(arn: string): AwsKeyParts {
  const match = KEY_ARN.exec(arn);
  if (match === null) throw new Error('not a KMS key identifier');
  const [, partition = '', region = '', account = '', resource = ''] = match;
  return { partition: partition as AwsPartition, region, account, isAlias: resource.startsWith('alias/') };
}

export function awsRoleParts(arn: string): { partition: AwsPartition; account: string; path: string } {
  const match = ROLE_ARN.exec(arn);
  if (match === null) throw new Error('not a role ARN');
  const [, partition = '', account = '', path = ''] = match;
  return { partition: partition as AwsPartition, account, path };
}

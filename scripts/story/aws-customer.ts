import {
  CreateAliasCommand,
  CreateKeyCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  KMSClient,
  NotFoundException,
  PutKeyPolicyCommand,
  RotateKeyOnDemandCommand,
} from '@aws-sdk/client-kms';
import { createIamClient } from '../../emulators/aws/iam-client';
import type { AwsAdvice, Customer } from './customer';
import { seededAccount, unlessThere } from './emulated-account';

export const CUSTOMER_REGION = 'eu-central-1';
const ROLE = 'novantra-wrap';
const ALIAS = 'alias/novantra';

export interface AwsCustomer extends Customer {
  readonly provider: 'aws-kms';
  readonly keyArn: string;
  readonly roleArn: string;
  /** The administrator's own way in, for whatever else a customer does. */
  readonly kms: KMSClient;
  paste(policies: AwsAdvice): Promise<void>;
}

/** A customer on AWS: an account whose administrator has a key, and knows it by its alias. */
export async function awsCustomer(
  emulator: { url: string; controlToken: string },
  wanted: { name: string; accountId: string },
): Promise<AwsCustomer> {
  const { accountId } = wanted;
  const credentials = await seededAccount(emulator, wanted);
  const kms = new KMSClient({
    region: CUSTOMER_REGION,
    endpoint: emulator.url,
    credentials,
    maxAttempts: 1,
  });
  const iam = createIamClient(emulator.url, credentials);
  const keyArn = (await keyBehindAlias(kms)) ?? (await createKey(kms, wanted.name));
  const roleArn = `arn:aws:iam::${accountId}:role/${ROLE}`;

  const paste = async ({ trustPolicy, rolePolicy, keyPolicy }: AwsAdvice): Promise<void> => {
    const trust = JSON.stringify(trustPolicy);
    await unlessThere(iam.call('CreateRole', { RoleName: ROLE, AssumeRolePolicyDocument: trust }));
    await iam.call('UpdateAssumeRolePolicy', { RoleName: ROLE, PolicyDocument: trust });
    await iam.call('PutRolePolicy', {
      RoleName: ROLE,
      PolicyName: 'wrap-and-unwrap',
      PolicyDocument: JSON.stringify(rolePolicy),
    });
    const Policy = JSON.stringify(keyPolicy);
    await kms.send(new PutKeyPolicyCommand({ KeyId: keyArn, PolicyName: 'default', Policy }));
  };

  return {
    provider: 'aws-kms',
    account: accountId,
    keyArn,
    roleArn,
    kms,
    paste,
    setUp: async (advice) => paste(await advice.aws({ key: keyArn, roleArn })),
    key: () => keyArn,
    connection: () => ({
      provider: 'aws-kms',
      region: CUSTOMER_REGION,
      key: keyArn,
      credential: { kind: 'aws-role', roleArn },
    }),
    disableKey: async () => {
      await kms.send(new DisableKeyCommand({ KeyId: keyArn }));
    },
    enableKey: async () => {
      await kms.send(new EnableKeyCommand({ KeyId: keyArn }));
    },
    rotateKey: async () => {
      await kms.send(new RotateKeyOnDemandCommand({ KeyId: keyArn }));
    },
    // AWS keeps the former material behind the one ARN.
    disableOldVersions: async () => undefined,
    close: () => kms.destroy(),
  };
}

async function keyBehindAlias(kms: KMSClient): Promise<string | null> {
  try {
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: ALIAS }));
    return KeyMetadata?.Arn ?? null;
  } catch (error) {
    if (error instanceof NotFoundException) return null;
    throw error;
  }
}

async function createKey(kms: KMSClient, name: string): Promise<string> {
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({ Description: `${name} workspace root key` }));
  if (KeyMetadata?.Arn === undefined) throw new Error('the emulator answered CreateKey without an ARN');
  await kms.send(new CreateAliasCommand({ AliasName: ALIAS, TargetKeyId: KeyMetadata.Arn }));
  return KeyMetadata.Arn;
}

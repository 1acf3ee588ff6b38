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
  UpdateAliasCommand,
} from '@aws-sdk/client-kms';
import { createIamClient } from '../../emulators/aws/iam-client';
import type { AwsAdvice, Customer } from './customer';
import { seededAccount, unlessThere } from './emulated-account';

export const CUSTOMER_REGION = 'eu-central-1';
const ROLE = 'novantra-wrap';
const ALIAS = 'alias/novantra';
/** Once the other alias has been moved, this one still says which key was the first. */
const HOME = 'alias/novantra-first';

export interface AwsCustomer extends Customer {
  readonly provider: 'aws-kms';
  readonly keyArn: string;
  readonly roleArn: string;
  /** The administrator's own way in, for whatever else a customer does. */
  readonly kms: KMSClient;
  paste(policies: AwsAdvice): Promise<void>;
}

/**
 * A customer on AWS: an account whose administrator has a key, and knows it by its alias.
 * @param wanted `byAlias`: which is what is entered, and may be moved
 */
export async function awsCustomer(
  emulator: { url: string; controlToken: string },
  { byAlias = false, ...wanted }: { name: string; accountId: string; byAlias?: boolean },
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
  const keyArn =
    (await keyBehind(kms, HOME)) ?? (await keyBehind(kms, ALIAS)) ?? (await createKey(kms, wanted.name));
  const entered = byAlias ? `arn:aws:kms:${CUSTOMER_REGION}:${accountId}:${ALIAS}` : keyArn;
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
    key: () => entered,
    connection: () => ({
      provider: 'aws-kms',
      region: CUSTOMER_REGION,
      key: entered,
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
    drift: {
      begin: async () => {
        if ((await keyBehind(kms, HOME)) === null)
          await kms.send(new CreateAliasCommand({ AliasName: HOME, TargetKeyId: keyArn }));
        const { KeyMetadata } = await kms.send(new CreateKeyCommand({ Description: 'another key' }));
        await kms.send(new UpdateAliasCommand({ AliasName: ALIAS, TargetKeyId: KeyMetadata?.KeyId }));
      },
      end: async () => {
        await kms.send(new UpdateAliasCommand({ AliasName: ALIAS, TargetKeyId: keyArn }));
      },
    },
    close: () => kms.destroy(),
  };
}

async function keyBehind(kms: KMSClient, alias: string): Promise<string | null> {
  try {
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: alias }));
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

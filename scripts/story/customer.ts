import {
  CreateAliasCommand,
  CreateKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  KMSClient,
  PutKeyPolicyCommand,
} from '@aws-sdk/client-kms';
import { createIamClient } from '../../emulators/aws/iam-client';
import { seededAccount, unlessThere } from './emulated-account';

export const CUSTOMER_REGION = 'eu-central-1';
const ROLE = 'novantra-wrap';

/** The three policies that `smsk connection policy` prints, as JSON texts. */
export interface PrintedPolicies {
  readonly trust: string;
  readonly role: string;
  readonly key: string;
}

/** The customer's security team, in its own emulated account, with the official SDK. */
export interface Customer {
  readonly account: string;
  readonly keyArn: string;
  readonly roleArn: string;
  /** Pastes what we printed, verbatim. */
  paste(policies: PrintedPolicies): Promise<void>;
  disableKey(): Promise<void>;
  enableKey(): Promise<void>;
}

/** @param known the key made before, when the story is continued. */
export async function customerIn(
  emulator: { url: string; controlToken: string },
  wanted: { name: string; accountId: string },
  known: string | null,
): Promise<Customer> {
  const credentials = await seededAccount(emulator, wanted);
  const kms = new KMSClient({ region: CUSTOMER_REGION, endpoint: emulator.url, credentials });
  const iam = createIamClient(emulator.url, credentials);
  const keyArn = known ?? (await createKey(kms, wanted.name));
  return {
    account: wanted.accountId,
    keyArn,
    roleArn: `arn:aws:iam::${wanted.accountId}:role/${ROLE}`,
    async paste({ trust, role, key }) {
      await unlessThere(iam.call('CreateRole', { RoleName: ROLE, AssumeRolePolicyDocument: trust }));
      await iam.call('UpdateAssumeRolePolicy', { RoleName: ROLE, PolicyDocument: trust });
      await iam.call('PutRolePolicy', {
        RoleName: ROLE,
        PolicyName: 'wrap-and-unwrap',
        PolicyDocument: role,
      });
      await kms.send(new PutKeyPolicyCommand({ KeyId: keyArn, PolicyName: 'default', Policy: key }));
    },
    async disableKey() {
      await kms.send(new DisableKeyCommand({ KeyId: keyArn }));
    },
    async enableKey() {
      await kms.send(new EnableKeyCommand({ KeyId: keyArn }));
    },
  };
}

async function createKey(kms: KMSClient, name: string): Promise<string> {
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({ Description: `${name} workspace root key` }));
  if (KeyMetadata?.Arn === undefined) throw new Error('the emulator answered CreateKey without an ARN');
  await kms.send(new CreateAliasCommand({ AliasName: 'alias/novantra', TargetKeyId: KeyMetadata.Arn }));
  return KeyMetadata.Arn;
}

import { randomBytes } from 'node:crypto';
import { DecryptCommand, EncryptCommand, type KMSClient } from '@aws-sdk/client-kms';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { sessionPolicy } from '../../../providers/aws-kms/session-policy';
import type { BareKey } from './bare-contract';
import { type AwsKeys, type AwsPlace, contextOf, kmsClient, refused } from './bare-kms';
import type { BenchCustomer } from './customer';

/** A key in AWS KMS, by the customer's role: each access is a session of its own. */
export function bareAwsKey(place: AwsPlace, principal: AwsKeys): BareKey {
  const sts = new STSClient({ ...place, credentials: principal, maxAttempts: 1 });
  const assume = async (customer: BenchCustomer, externalId: string | null): Promise<KMSClient> => {
    const { roleArn, keyArn } = roleAndKey(customer);
    const { Credentials: given } = await sts.send(
      new AssumeRoleCommand({
        RoleArn: roleArn,
        RoleSessionName: `${customer.organization}@bare`,
        DurationSeconds: 900,
        Policy: sessionPolicy({ kind: 'key', arn: keyArn }),
        ...(externalId === null ? {} : { ExternalId: externalId }),
      }),
    );
    return kmsClient(place, {
      accessKeyId: given?.AccessKeyId ?? '',
      secretAccessKey: given?.SecretAccessKey ?? '',
      sessionToken: given?.SessionToken ?? '',
    });
  };
  const roundTrip = async (kms: KMSClient, customer: BenchCustomer, bytes: Uint8Array): Promise<void> => {
    const { keyArn: KeyId } = roleAndKey(customer);
    const about = { KeyId, EncryptionContext: contextOf(customer.organization) };
    const { CiphertextBlob } = await kms.send(new EncryptCommand({ ...about, Plaintext: bytes }));
    await kms.send(new DecryptCommand({ ...about, CiphertextBlob }));
  };
  return {
    verify: async (customer) => {
      const kms = await assume(customer, customer.externalId);
      await refused(assume(customer, null));
      await refused(assume(customer, 'another'));
      await roundTrip(kms, customer, randomBytes(32));
      await roundTrip(kms, customer, randomBytes(32));
    },
    wrapAndUnwrap: async (customer, bytes) =>
      roundTrip(await assume(customer, customer.externalId), customer, bytes),
  };
}

function roleAndKey({ connection: { credential, key } }: BenchCustomer): { roleArn: string; keyArn: string } {
  if (credential.kind !== 'aws-role') throw new Error('the customer has no role');
  return { roleArn: credential.roleArn, keyArn: key };
}

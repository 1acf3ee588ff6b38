import { EncryptCommand } from '@aws-sdk/client-kms';
import type { KeyRef } from '../../../domain/ids';
import { faultSchema } from '../../../emulators/aws/faults';
import type { TrailRecord } from '../../../emulators/aws/trail/record';
import { type AwsCustomer, awsCustomer } from '../../../scripts/story/aws-customer';
import type { Call, CustomerCloud, Seen } from './customer-cloud';
import type { Deployment } from './deployment';

export interface AwsCloud extends CustomerCloud {
  readonly customer: AwsCustomer;
}

const CALLS = new Map<string, Call>([
  ['AssumeRole', 'credential'],
  ['Encrypt', 'wrap'],
  ['Decrypt', 'unwrap'],
]);

export async function openAwsCloud({ outside }: Deployment, name: string): Promise<AwsCloud> {
  const { aws } = outside;
  const { accountId } = aws.createAccount({ name });
  const customer = await awsCustomer(aws, { name, accountId });
  const { keyArn, roleArn } = customer;
  const match = {
    credential: { service: 'sts', action: 'AssumeRole', roleArn },
    wrap: { service: 'kms', action: 'Encrypt', keyId: keyArn },
    unwrap: { service: 'kms', action: 'Decrypt', keyId: keyArn },
  } as const;
  return {
    customer,
    trail: (since) =>
      aws
        .trail(since)
        .filter((row) => row.recipientAccountId === accountId)
        .map((row) => seen(row, accountId)),
    lastSequence: () => aws.lastSequence(),
    wrap: async (Plaintext, { organization, purpose, keyVersion }) => {
      const { CiphertextBlob } = await customer.kms.send(
        new EncryptCommand({
          KeyId: keyArn,
          Plaintext,
          EncryptionContext: {
            'smsk:org': organization,
            'smsk:purpose': purpose,
            'smsk:key-version': String(keyVersion),
          },
        }),
      );
      return { wrapped: Buffer.from(CiphertextBlob ?? []), keyRef: keyArn as KeyRef };
    },
    inject: ({ on, ...fault }) => aws.inject(faultSchema.parse({ match: match[on], ...fault })),
    clearFaults: (id) => aws.clearFaults(id),
    hitsOf: (id) => aws.hitsOf(id),
  };
}

function seen(row: TrailRecord, accountId: string): Seen {
  const { sequence, eventName: name, requestID: requestId, userIdentity, resources = [] } = row;
  const call = CALLS.get(name) ?? null;
  const key = resources.find(({ type }) => type === 'AWS::KMS::Key')?.ARN ?? null;
  const ours = !(userIdentity.type === 'IAMUser' && userIdentity.accountId === accountId);
  return { sequence, call, name, requestId, ours, key, refusal: row.errorCode ?? null };
}

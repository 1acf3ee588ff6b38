import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import {
  CreateKeyCommand,
  type CreateKeyCommandInput,
  DisableKeyCommand,
  PutKeyPolicyCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import type { JsonObject } from '../../../domain/canonical';
import type { AwsConnectionInput } from '../../../domain/connection';
import { type AwsSetUpInput, awsKeyPolicy, awsRolePolicy, awsTrustPolicy } from '../../../domain/set-up/aws';
import { createIamClient } from '../../../emulators/aws/iam-client';
import type { Arrangement } from '../deployment/arrangement';
import type { AwsCloud } from '../deployment/aws-cloud';
import { openCloud } from '../deployment/customer-cloud';
import type { Outside } from '../deployment/outside';
import type { Mistakes } from './mistake';

type Acme = Arrangement<AwsCloud>;
type Trust = (right: AwsSetUpInput) => JsonObject;

const entered = (acme: Acme, changes: Partial<AwsConnectionInput>): object => ({
  ...acme.connection(),
  ...changes,
});
const inAccount = ({ customer: { account } }: Acme, resource: string): string =>
  `arn:aws:kms:eu-central-1:${account}:${resource}`;

/** A key with everything as we print it for it, but for the trust policy, where that is what's wrong. */
async function newKey(
  acme: Acme,
  { wanted = {}, trust = awsTrustPolicy }: { wanted?: Partial<CreateKeyCommandInput>; trust?: Trust } = {},
): Promise<string> {
  const { customer, deployment, organization } = acme;
  const { KeyMetadata } = await customer.kms.send(new CreateKeyCommand(wanted));
  const key = KeyMetadata?.Arn ?? '';
  const { roleArn } = customer;
  const input: AwsSetUpInput = {
    organization: organization.id,
    externalId: organization.externalId,
    ourPrincipal: deployment.runtime.config.aws.identity.arn,
    ...{ roleArn, key },
  };
  const { aws } = deployment.outside;
  const account = aws.createAccount({ name: organization.name, accountId: customer.account });
  const iam = createIamClient(aws.url, account.admin);
  const RoleName = roleArn.slice(roleArn.lastIndexOf('/') + 1);
  await iam.call('UpdateAssumeRolePolicy', { RoleName, PolicyDocument: JSON.stringify(trust(input)) });
  const PolicyDocument = JSON.stringify(awsRolePolicy(input));
  await iam.call('PutRolePolicy', { RoleName, PolicyName: 'wrap-and-unwrap', PolicyDocument });
  const Policy = JSON.stringify(awsKeyPolicy(input));
  await customer.kms
    .send(new PutKeyPolicyCommand({ KeyId: key, PolicyName: 'default', Policy }))
    .catch(() => undefined);
  return key;
}

const keyTrusting = async (acme: Acme, trust: Trust): Promise<object> =>
  entered(acme, { key: await newKey(acme, { trust }) });

export const AWS: Mistakes<AwsCloud> = {
  made: [
    {
      name: 'an ARN of no key',
      code: 'KEY_NOT_FOUND',
      make: async (acme) => entered(acme, { key: inAccount(acme, `key/${randomUUID()}`) }),
    },
    {
      name: 'a region that isn’t the key’s',
      code: 'KEY_NOT_FOUND',
      make: async (acme) => entered(acme, { region: 'eu-west-1' }),
    },
    {
      name: 'an alias to nothing',
      code: 'KEY_NOT_FOUND',
      make: async (acme) => entered(acme, { key: inAccount(acme, 'alias/nothing') }),
    },
    {
      name: 'another account’s key',
      code: 'WRAP_DENIED',
      make: async (acme) => {
        const stranger = await openCloud(acme.deployment, 'aws-kms', 'stranger');
        return entered(acme, { key: stranger.customer.keyArn });
      },
    },
    {
      name: 'an asymmetric key',
      code: 'KEY_WRONG_TYPE',
      make: async (acme) => {
        const wanted = { KeySpec: 'RSA_2048', KeyUsage: 'ENCRYPT_DECRYPT' } as const;
        return entered(acme, { key: await newKey(acme, { wanted }) });
      },
    },
    {
      name: 'a disabled key',
      code: 'KEY_DISABLED',
      make: async (acme) => {
        const key = await newKey(acme);
        await acme.customer.kms.send(new DisableKeyCommand({ KeyId: key }));
        return entered(acme, { key });
      },
    },
    {
      name: 'a key that waits for its deletion',
      code: 'KEY_PENDING_DELETION',
      make: async (acme) => {
        const key = await newKey(acme);
        const deletion = { KeyId: key, PendingWindowInDays: 7 };
        await acme.customer.kms.send(new ScheduleKeyDeletionCommand(deletion));
        return entered(acme, { key });
      },
    },
    {
      name: 'a role that doesn’t trust us',
      code: 'ROLE_ASSUME_DENIED',
      make: (acme) => {
        const ourPrincipal = `arn:aws:iam::${acme.customer.account}:user/admin`;
        return keyTrusting(acme, (right) => awsTrustPolicy({ ...right, ourPrincipal }));
      },
    },
    {
      name: 'a role that asks another external ID',
      code: 'ROLE_ASSUME_DENIED',
      make: (acme) =>
        keyTrusting(acme, (right) => awsTrustPolicy({ ...right, externalId: 'somebody-elses' })),
    },
    {
      name: 'a role that trusts anybody who comes through us',
      code: 'TRUST_POLICY_OPEN',
      make: (acme) =>
        keyTrusting(acme, (right) => {
          const { Statement, ...rest } = awsTrustPolicy(right) as { Statement: JsonObject[] } & JsonObject;
          return { ...rest, Statement: Statement.map(({ Condition: _, ...statement }) => statement) };
        }),
    },
  ],
  typed: [
    {
      name: 'an ARN that isn’t one',
      field: /key/,
      enter: (acme) => entered(acme, { key: 'arn:aws:kms:eu-central-1:1:key/x' }),
    },
    {
      name: 'a multi-Region key',
      field: /key/,
      enter: (acme) => entered(acme, { key: inAccount(acme, `key/mrk-${'0'.repeat(32)}`) }),
    },
    {
      name: 'a region that isn’t AWS’s',
      field: /region/,
      enter: (acme) => entered(acme, { region: 'xx-nowhere-1' }),
    },
  ],
};

/** The access key that we have mounted is none any more. @returns what puts the good one back */
export function revokeOurKey({ operator }: Outside): () => void {
  const { principal } = operator.account;
  if (principal.kind !== 'file') throw new Error('our principal is none of a file');
  const good = readFileSync(principal.file, 'utf8');
  writeFileSync(principal.file, good.replace(/AKIA[A-Z0-9]{16}/, `AKIA${'A'.repeat(16)}`));
  return () => writeFileSync(principal.file, good);
}

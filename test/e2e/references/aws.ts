import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PutKeyPolicyCommand } from '@aws-sdk/client-kms';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { awsOwnIdentity } from '../../../domain/set-up/aws-own-identity';
import { createIamClient, element } from '../../../emulators/aws/iam-client';
import type { References } from '../../../runtime/references';
import { CUSTOMER_REGION } from '../../../scripts/story/aws-customer';
import type { Arrangement } from '../deployment/arrangement';
import type { AwsCloud } from '../deployment/aws-cloud';
import type { Outside } from '../deployment/outside';
import { formsOf } from '../deployment/search';
import { type HandedOver, NAME } from './handed-over';

const PREFIX = 'smsk/credentials/';
const READER = 'smsk-references';

/** The operator's AWS Secrets Manager, and who reads there. */
export async function operatorsSecrets(
  { aws, operator }: Outside,
  folder: string,
): Promise<References['secretsManager']> {
  const { account: accountId } = operator.account;
  const iam = createIamClient(aws.url, aws.createAccount({ name: 'operator', accountId }).admin);
  const user = await newUser(iam, READER);
  const Resource = `arn:aws:secretsmanager:${CUSTOMER_REGION}:${accountId}:secret:${PREFIX}*`;
  await allow(iam, READER, {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 'secretsmanager:GetSecretValue', Resource }],
  });
  const file = join(folder, `${READER}.json`);
  writeFileSync(file, JSON.stringify(user), { mode: 0o600 });
  const arn = `arn:aws:iam::${accountId}:user/${READER}`;
  return { region: CUSTOMER_REGION, prefix: PREFIX, identity: { kind: 'file', file, arn } };
}

/** The customer makes a user with what we print; the operator puts its access key into AWS Secrets Manager. */
export async function handOverUser({
  customer,
  organization,
  deployment: { outside },
}: Arrangement<AwsCloud>): Promise<HandedOver> {
  const { aws, operator } = outside;
  const { account: accountId, keyArn: key } = customer;
  const { admin } = aws.createAccount({ name: organization.name, accountId });
  const iam = createIamClient(aws.url, admin);
  const credentials = await newUser(iam, NAME);
  const identity = `arn:aws:iam::${accountId}:user/${NAME}`;
  const printed = awsOwnIdentity({ organization: organization.id, identity, key });
  await allow(iam, NAME, printed.identityPolicy);
  const Policy = JSON.stringify(printed.keyPolicy);
  await customer.kms.send(new PutKeyPolicyCommand({ KeyId: key, PolicyName: 'default', Policy }));

  const ours = aws.createAccount({ name: 'operator', accountId: operator.account.account });
  const secrets = new SecretsManagerClient({
    ...{ region: CUSTOMER_REGION, endpoint: aws.url, credentials: ours.admin, maxAttempts: 1 },
  });
  const SecretString = JSON.stringify(credentials);
  await secrets.send(new CreateSecretCommand({ Name: `${PREFIX}${NAME}`, SecretString }));
  secrets.destroy();
  const { secretAccessKey } = credentials;
  return {
    ...{ identity, locator: `aws:${NAME}`, options: ['--identity', identity] },
    secrets: [secretAccessKey, ...formsOf(Buffer.from(secretAccessKey))],
  };
}

type Iam = ReturnType<typeof createIamClient>;

async function newUser(iam: Iam, UserName: string) {
  await iam.call('CreateUser', { UserName });
  const xml = await iam.call('CreateAccessKey', { UserName });
  const [accessKeyId = '', secretAccessKey = ''] = [
    element(xml, 'AccessKeyId'),
    element(xml, 'SecretAccessKey'),
  ];
  return { accessKeyId, secretAccessKey };
}

const allow = (iam: Iam, UserName: string, policy: object) =>
  iam.call('PutUserPolicy', { UserName, PolicyName: 'own', PolicyDocument: JSON.stringify(policy) });

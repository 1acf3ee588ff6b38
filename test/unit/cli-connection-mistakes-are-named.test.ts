import { type ConnectionOptions, connectionChoice } from '../../cli/connection-choice';
import { Declined } from '../../cli/failure';

const AWS_KEY = 'arn:aws:kms:eu-central-1:111122223333:key/0d6f5a7f-9c6b-4ad1-9d3c-5a0b1a522c11';
const ROLE = 'arn:aws:iam::111122223333:role/novantra-wrap';
const AZURE_KEY = 'https://acme-keys.vault.azure.net/keys/wrap';
const TENANT = '72f988bf-86f1-41af-91ab-2d7cd011db47';
const APP = '11f988bf-86f1-41af-91ab-2d7cd011db47';
const VERSION = 'a'.repeat(32);

const refusalOf = (options: ConnectionOptions): string => {
  try {
    connectionChoice(options);
  } catch (error) {
    if (error instanceof Declined) return `${error.message} → ${error.remedy}`;
    throw error;
  }
  throw new Error('it was taken');
};

test.each<[string, ConnectionOptions, string, string]>([
  ['neither form', { key: 'alias/wrap', role: ROLE }, '--key must be a key ARN', 'whole identifier'],
  ['a role with a vault', { key: AZURE_KEY, role: ROLE }, '--role is for AWS KMS', 'give --tenant'],
  [
    'a region with a vault',
    { key: AZURE_KEY, tenant: TENANT, region: 'x' },
    '--region is for AWS',
    '--tenant',
  ],
  ['a tenant with an ARN', { key: AWS_KEY, tenant: TENANT }, '--tenant is for Azure Key Vault', '--role'],
  ['an app with an ARN', { key: AWS_KEY, role: ROLE, app: APP }, '--app is for Azure', '--role'],
  ['a vault without tenant', { key: AZURE_KEY }, 'needs --tenant', 'az keyvault show'],
  ['an ARN without role', { key: AWS_KEY }, 'needs --role or --credential', '--role ARN'],
  [
    'an identity without a reference',
    { key: AWS_KEY, role: ROLE, identity: ROLE },
    '--identity goes with --credential',
    'the role is who acts',
  ],
  [
    'an identity that is none',
    { key: AWS_KEY, credential: 'approved:a', identity: 'novantra-wrap' },
    '--identity must be the ARN of an IAM user or role',
    'whole ARN',
  ],
  ['both', { key: AWS_KEY, role: ROLE, credential: 'approved:a' }, 'and not both', 'approved:NAME'],
  [
    'a version',
    { key: `${AZURE_KEY}/${VERSION}`, tenant: TENANT },
    'names a version; leave it out',
    `give --key ${AZURE_KEY}`,
  ],
  [
    'upper case',
    { key: 'https://Acme-Keys.vault.azure.net/keys/Wrap', tenant: TENANT },
    'must be in lower case',
    `give --key ${AZURE_KEY}`,
  ],
  [
    'upper case and a version',
    { key: `https://ACME-keys.vault.azure.net/keys/wrap/${VERSION.toUpperCase()}`, tenant: TENANT },
    'must be in lower case',
    `give --key ${AZURE_KEY}`,
  ],
  ['plain HTTP', { key: AZURE_KEY.replace('https', 'http'), tenant: TENANT }, '--key', `--key ${AZURE_KEY}`],
  [
    'a secret',
    { key: 'https://acme-keys.vault.azure.net/secrets/wrap', tenant: TENANT },
    'is a secret’s or a certificate’s',
    'az keyvault key show',
  ],
  [
    'a managed HSM',
    { key: 'https://acme.managedhsm.azure.net/keys/wrap', tenant: TENANT },
    'is a managed HSM’s key',
    'az keyvault key show',
  ],
  [
    'a tenant’s name',
    { key: AZURE_KEY, tenant: 'contoso.com' },
    '--tenant must be a tenant id',
    'whole GUID',
  ],
  [
    'a tenant in upper case',
    { key: AZURE_KEY, tenant: TENANT.toUpperCase() },
    '--tenant must be a tenant id',
    `give --tenant ${TENANT}`,
  ],
  ['an app’s name', { key: AZURE_KEY, tenant: TENANT, app: 'novantra' }, '--app must be an app', 'GUID'],
  [
    'a role that isn’t one',
    { key: AWS_KEY, role: 'arn:aws:iam::111122223333:user/x' },
    '--role must be a role ARN',
    'full ARN',
  ],
])('%s', (_, options, message, remedy) => {
  const said = refusalOf(options);
  expect(said).toContain(message);
  expect(said.split(' → ')[1]).toContain(remedy);
});

test('inv07: a credential in the place of its name isn’t repeated', () => {
  const secret = 'h3X8Q~pT1.bM9vK2sR7wY4zC6nD0fG5jLaEuI';
  for (const credential of [secret, `approved:${secret}`, `approved:${secret.toLowerCase()}`]) {
    const said = refusalOf({ key: AZURE_KEY, tenant: TENANT, credential });
    expect(said).toContain('never the credential');
    expect(said.toLowerCase()).not.toContain(secret.slice(0, 8).toLowerCase());
  }
});

test('what is right is taken as one provider’s', () => {
  expect(connectionChoice({ key: AWS_KEY, role: ROLE })).toEqual({
    provider: 'aws-kms',
    key: AWS_KEY,
    region: 'eu-central-1',
    credential: { kind: 'aws-role', roleArn: ROLE },
    identity: null,
  });
  expect(connectionChoice({ key: AWS_KEY, credential: 'approved:acme-aws' })).toMatchObject({
    credential: { kind: 'approved', name: 'acme-aws' },
  });
  const azure = { provider: 'azure-key-vault', key: AZURE_KEY, tenantId: TENANT };
  expect(connectionChoice({ key: AZURE_KEY, tenant: TENANT })).toEqual({
    ...azure,
    app: null,
    reference: null,
  });
  expect(connectionChoice({ key: AZURE_KEY, tenant: TENANT, app: APP, credential: 'approved:own' })).toEqual({
    ...azure,
    app: APP,
    reference: 'own',
  });
});

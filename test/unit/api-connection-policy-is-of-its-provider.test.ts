import { keyNameToken } from '../../domain/connection';
import { type ApiWorld, createApiWorld, GLOBEX, SHARED_APP } from '../fakes/api/world';

const AWS_KEY = 'arn:aws:kms:eu-central-1:111122223333:key/0d6f5a7f-9c6b-4ad1-9d3c-5a0b1a522c11';
const ROLE = 'arn:aws:iam::111122223333:role/novantra-wrap';
const TENANT = '72f988bf-86f1-41af-91ab-2d7cd011db47';
const OWN_APP = '5a5a5a5a-0000-4000-8000-00000000000b';
const FOREIGN_APP = '6b6b6b6b-0000-4000-8000-00000000000c';

let world: ApiWorld;
afterEach(() => world.close());

const open = async (
  azureApps: readonly { clientId: string; organization: string | null }[] | null = null,
) => {
  world = await createApiWorld({}, azureApps === null ? {} : { azureApps: azureApps as never });
};
const vault = 'https://acme-keys.vault.azure.net/keys/';
const token = () => keyNameToken(world.acme.organization.externalId);
const azure = () => ({ key: `${vault}${token()}`, tenant: TENANT });
const ask = async (query: Readonly<Record<string, string>>) => {
  const path = `/v1/organizations/acme/connection/policy?${new URLSearchParams(query)}`;
  const { status, body } = await world.request('customer-admin', 'GET', path);
  return status === 200 ? body : `${String(body['code'])}: ${String(body['detail'])}`;
};

test('a key ARN and a role are AWS’s, as ever; to say so is allowed', async () => {
  await open();
  const asked = { key: AWS_KEY, role: ROLE };
  const answer = await ask(asked);
  expect(answer).toMatchObject({ provider: 'aws-kms', externalId: world.acme.organization.externalId });
  expect(await ask({ ...asked, provider: 'aws-kms' })).toEqual(answer);
  expect(await world.client('customer-admin').awsPolicy('acme', asked)).toEqual(answer);
});

test('a key identifier and a tenant are Azure’s: our app, the key’s name, the role, the commands', async () => {
  await open();
  const answer = await ask(azure());
  expect(answer).toMatchObject({
    provider: 'azure-key-vault',
    clientId: SHARED_APP,
    keyNameToken: token(),
    keyName: token(),
    roleDefinition: { Actions: [], AssignableScopes: ['$GROUP_ID'] },
    text: expect.stringContaining(`APP_ID='${SHARED_APP}'`),
  });
  expect(await world.client('customer-admin').azurePolicy('acme', azure())).toEqual(answer);
  expect(JSON.stringify(answer)).toContain('203.0.113.7/32');
  expect(JSON.stringify(answer)).not.toContain(world.acme.organization.externalId);
});

test('the organization’s own app comes before the one for all, and may have any key', async () => {
  await open([
    { clientId: SHARED_APP, organization: null },
    { clientId: OWN_APP, organization: '6f1c1d2e-0000-4000-8000-000000000001' },
    { clientId: FOREIGN_APP, organization: GLOBEX },
  ]);
  const asked = { key: `${vault}any-name`, tenant: TENANT };
  expect(await ask(asked)).toMatchObject({ clientId: OWN_APP });
  expect(await ask({ ...azure(), app: SHARED_APP })).toMatchObject({ clientId: SHARED_APP });
  const foreign = await ask({ ...azure(), app: FOREIGN_APP });
  expect(foreign).toContain('INPUT_INVALID: querystring/app: is no app of ours for this organization');
  expect(await ask({ ...azure(), app: TENANT })).toBe(foreign);
});

test('where we have no app it says so, and a reference to the customer’s own needs none of ours', async () => {
  await open([{ clientId: FOREIGN_APP, organization: GLOBEX }]);
  expect(await ask(azure())).toContain('querystring/provider: this deployment has no app registration');
  const own = { key: `${vault}any-name`, tenant: TENANT, credential: 'approved:acme-vault-app' };
  expect(await ask(own)).toMatchObject({ clientId: null, text: expect.stringContaining('{APP_ID:?') });
  expect(await ask({ ...own, app: OWN_APP })).toMatchObject({
    clientId: OWN_APP,
    text: expect.stringContaining(`APP_ID='${OWN_APP}'`),
  });
});

test('with a reference to an identity of the customer’s own it is that one’s set-up, and needs none of ours', async () => {
  await open();
  const user = 'arn:aws:iam::111122223333:user/novantra-wrap';
  const asked = { key: AWS_KEY, credential: 'approved:acme-wrap' };
  expect(await ask(asked)).toContain('INPUT_INVALID: querystring/identity: is needed until a reference');
  const answer = await ask({ ...asked, identity: user });
  expect(answer).toMatchObject({
    ...{ principalArn: null, externalId: null, trustPolicy: null },
    text: expect.stringContaining(`--user-name 'novantra-wrap'`),
  });
  expect(JSON.stringify(answer)).not.toContain(world.acme.organization.externalId);
  const admin = world.client('customer-admin');
  expect(await admin.awsPolicy('acme', { ...asked, identity: user })).toEqual(answer);

  const notAfter = '2027-06-01T00:00:00.000Z';
  const stated = { name: 'acme-wrap', key: AWS_KEY, identity: user, locator: 'aws:acme-wrap', notAfter };
  const { recorded } = await world
    .client('support')
    .registerReference('acme', { provider: 'aws-kms', ...stated });
  expect(await ask(asked)).toContain('querystring/identity: is needed');
  await world.client('sre').confirmReference('acme', 'acme-wrap', recorded.index);
  expect(await ask(asked)).toEqual(answer);
  const other = AWS_KEY.replace('0d6f5a7f', '99999999');
  expect(await ask({ ...asked, key: other })).toContain('querystring/identity: is needed');
});

test('with a reference to a vault’s app the registered one is named', async () => {
  await open([]);
  const own = { key: `${vault}any-name`, tenant: TENANT, credential: 'approved:acme-vault-app' };
  const { recorded } = await world.client('support').registerReference('acme', {
    ...{ name: 'acme-vault-app', provider: 'azure-key-vault', key: own.key, identity: OWN_APP },
    ...{ locator: 'file:acme-app.pem', notAfter: '2027-06-01T00:00:00.000Z' },
  });
  expect(await ask(own)).toMatchObject({ clientId: null });
  await world.client('sre').confirmReference('acme', 'acme-vault-app', recorded.index);
  expect(await ask(own)).toMatchObject({ clientId: OWN_APP, text: expect.stringContaining('# 8. Last') });
});

test('what is wrong is named by its field, never by its value', async () => {
  await open();
  const wrong: [Readonly<Record<string, string>>, string][] = [
    [{ key: 'alias/wrap' }, 'querystring/key: must be a key ARN (arn:aws:kms'],
    [{ key: AWS_KEY }, 'querystring/role: is needed with aws-kms'],
    [{ key: AWS_KEY, role: ROLE, tenant: TENANT }, 'querystring/tenant: isn’t asked for with aws-kms'],
    [
      { key: AWS_KEY, role: ROLE, credential: 'approved:a' },
      'querystring/role: isn’t asked for with credential',
    ],
    [{ key: AWS_KEY, role: ROLE, identity: ROLE }, 'querystring/identity: is asked for with credential only'],
    [{ ...azure(), identity: ROLE }, 'querystring/identity: isn’t asked for with azure-key-vault'],
    [{ key: AWS_KEY, role: 'novantra' }, 'querystring/role: must be a role ARN'],
    [{ ...azure(), role: ROLE }, 'querystring/role: isn’t asked for with azure-key-vault'],
    [{ key: azure().key }, 'querystring/tenant: is needed with azure-key-vault'],
    [{ ...azure(), provider: 'aws-kms' }, 'querystring/'],
    [{ ...azure(), provider: 'gcp-kms' }, 'querystring/provider'],
    [{ ...azure(), key: `${azure().key}/${'a'.repeat(32)}` }, 'querystring/key: names a version'],
    [{ ...azure(), credential: 'h3X8Q~pT1.bM9vK2' }, 'querystring/credential: must be approved:NAME'],
    [{ ...azure(), surplus: 'x' }, 'querystring: has a member'],
    [{ ...azure(), key: `${vault}wrap` }, `querystring/key: its name must contain ${token()}`],
  ];
  for (const [query, detail] of wrong) {
    const said = await ask(query);
    expect([query, said]).toEqual([query, expect.stringContaining(`INPUT_INVALID: ${detail}`)]);
    expect(said).not.toContain('h3X8Q');
  }
  expect(await ask({ ...azure(), key: `${vault}wrap` })).toContain(`for example ${vault}${token()}`);
});

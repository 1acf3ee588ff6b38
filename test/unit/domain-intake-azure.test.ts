import fc from 'fast-check';
import {
  type AzureConnectionInput,
  connectionInput,
  identityOf,
  keyNameToken,
} from '../../domain/connection';
import { checksOf } from '../../domain/finding';
import type { KeyRef } from '../../domain/ids';
import {
  AZURE_CLOUDS,
  azureClientId,
  azureKeyIdentifier,
  azureKeyParts,
  azureKidOf,
  azureKidParts,
  azureTenantId,
  isVaultHost,
  isVersionOf,
} from '../../domain/intake/azure';
import { providerOfKey } from '../../domain/intake/provider';
import { approvedCredential } from '../../domain/intake/reference';

const key = 'https://acme-keys.vault.azure.net/keys/wrap';
const version = '0123456789abcdef0123456789abcdef';
const tenantId = '72f988bf-86f1-41af-91ab-2d7cd011db47';
const accepts = (schema: { safeParse(value: unknown): { success: boolean } }, value: unknown) =>
  schema.safeParse(value).success;
const input: AzureConnectionInput = {
  provider: 'azure-key-vault',
  tenantId,
  key,
  credential: { kind: 'azure-app', clientId: tenantId },
};

describe('key identifiers are addresses given by outsiders', () => {
  test.each(Object.entries(AZURE_CLOUDS))(
    'accepts a key of cloud %s, and knows it',
    (cloud, { vaultSuffix }) => {
      const one = `https://abc.${vaultSuffix}/keys/a-1`;
      expect(accepts(azureKeyIdentifier, one)).toBe(true);
      expect(azureKeyParts(one)).toEqual({ cloud, vault: 'abc', host: `abc.${vaultSuffix}`, name: 'a-1' });
    },
  );

  test.each(['abc', 'a-b', 'a1', 'a'.repeat(24), `${'a-'.repeat(11)}bc`])(
    'a vault’s name has 3 to 24 characters, hyphens counted: %j',
    (vault) => {
      const isLongEnough = vault.length >= 3;
      expect(accepts(azureKeyIdentifier, key.replace('acme-keys', vault))).toBe(isLongEnough);
      expect(isVaultHost(`${vault}.vault.azure.net`)).toBe(isLongEnough);
      expect(azureKidOf(`https://${vault}.vault.azure.net/keys/wrap/${version}`) !== null).toBe(isLongEnough);
    },
  );
  test.each([`${'a-'.repeat(12)}b`, `a${'-a'.repeat(23)}`, 'a'.repeat(25), 'a--b', '1ab', 'ab-', '-ab'])(
    'is no vault’s name: %j',
    (vault) => {
      expect(accepts(azureKeyIdentifier, key.replace('acme-keys', vault))).toBe(false);
      expect(isVaultHost(`${vault}.vault.azure.net`)).toBe(false);
      expect(azureKidOf(`https://${vault}.vault.azure.net/keys/wrap/${version}`)).toBeNull();
    },
  );

  test.each([
    `${key}/${version}`,
    `${key}/`,
    `${key} `,
    `${key}\n`,
    key.replace('https', 'http'),
    key.replace('.net', '.net:443'),
    key.replace('acme-keys', 'me@acme-keys'),
    key.replace('acme-keys', 'a--b'),
    key.replace('acme-keys', '-ab'),
    key.replace('acme-keys', 'ab-'),
    key.replace('acme-keys', 'ab'),
    key.replace('acme-keys', 'a'.repeat(25)),
    key.replace('acme-keys', 'Acme-keys'),
    key.replace('.net', '.net.'),
    key.replace('vault.azure.net', 'vault.azure.net.evil.example'),
    key.replace('vault.azure.net', 'managedhsm.azure.net'),
    key.replace('/keys/', '/secrets/'),
    key.replace('/wrap', '/wr_ap'),
    key.replace('/wrap', '/%77rap'),
    `${key}?api-version=7.4`,
    `${key}#x`,
  ])('refuses %j', (one) => expect(accepts(azureKeyIdentifier, one)).toBe(false));

  test('no other host gets past it', () => {
    fc.assert(
      fc.property(fc.webUrl({ withFragments: true, withQueryParameters: true }), (url) => {
        if (!accepts(azureKeyIdentifier, url)) return;
        const { host } = new URL(url);
        expect(Object.values(AZURE_CLOUDS).some(({ vaultSuffix }) => host.endsWith(`.${vaultSuffix}`))).toBe(
          true,
        );
      }),
    );
  });

  test.each(['', 'contoso.com', 'common', tenantId.toUpperCase(), `{${tenantId}}`, `${tenantId}\n`])(
    'refuses %j as a tenant and as an app',
    (id) => expect([accepts(azureTenantId, id), accepts(azureClientId, id)]).toEqual([false, false]),
  );

  test('inv07: a connection has no member that isn’t in its grammar', () => {
    expect(accepts(connectionInput, input)).toBe(true);
    expect(accepts(connectionInput, { ...input, clientSecret: 'x' })).toBe(false);
    expect(accepts(connectionInput, { ...input, region: 'eu-central-1' })).toBe(false);
    const { credential } = input;
    expect(accepts(connectionInput, { ...input, credential: { ...credential, secret: 'x' } })).toBe(false);
    const role = { kind: 'aws-role', roleArn: 'arn:aws:iam::111122223333:role/wrap' };
    expect(accepts(connectionInput, { ...input, credential: role })).toBe(false);
  });

  test.each(['approved:', 'acme', 'approved:Acme', 'approved:h3X8Q~pT1', `approved:${'a'.repeat(41)}`])(
    'refuses %j as a reference',
    (text) => expect(accepts(approvedCredential, text)).toBe(false),
  );
  test('a reference is its name', () =>
    expect(approvedCredential.parse('approved:acme-app')).toBe('acme-app'));
});

describe('inv08: what a provider sends is kept only in its grammar', () => {
  test('a kid is a versioned identifier of a cloud we know, in lower case', () => {
    const kid = `${key}/${version}`;
    expect(azureKidOf(kid)).toBe(kid);
    expect(azureKidOf(kid.replace('acme-keys', 'ACME-Keys'))).toBe(kid);
    expect(azureKidParts(kid)).toMatchObject({ vault: 'acme-keys', name: 'wrap', version });
    for (const raw of [
      undefined,
      7,
      '',
      key,
      `${kid}x`,
      `${kid}/more`,
      kid.replace('.net', '.example'),
      'a'.repeat(300),
    ])
      expect(azureKidOf(raw)).toBeNull();
  });

  test('is a version of that key, and of none whose name begins alike', () => {
    const kid = `${key}/${version}` as KeyRef;
    expect(isVersionOf(kid, key)).toBe(true);
    for (const other of [`${key}-2`, key.slice(0, -1), key.replace('.net', '.cn'), `${key}/`])
      expect(isVersionOf(kid, other)).toBe(false);
    expect(isVersionOf(key as KeyRef, key)).toBe(false);
  });
});

test('whose key it is is told by its form', () => {
  expect([key, 'HTTP://x', 'arn:aws:kms:…', 'ARN:', 'alias/x', ''].map(providerOfKey)).toEqual([
    'azure-key-vault',
    'azure-key-vault',
    'aws-kms',
    'aws-kms',
    null,
    null,
  ]);
});

test('the confused-deputy rule is about the key in its tenant, whatever the credential', () => {
  expect(identityOf(input)).toBe(`${tenantId}:${key}`);
  expect(identityOf({ ...input, credential: { kind: 'approved', name: 'x' } })).toBe(identityOf(input));
  expect(keyNameToken(`smsk-${'ab'.repeat(20)}`)).toBe(`smsk-${'ab'.repeat(10)}`);
  expect(checksOf(input)).toContain('key-name-carries-our-token');
});

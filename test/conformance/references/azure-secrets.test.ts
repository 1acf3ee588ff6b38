import { randomBytes } from 'node:crypto';
import { ClientSecretCredential } from '@azure/identity';
import { SecretClient } from '@azure/keyvault-secrets';
import type { KeyVersion } from '../../../domain/ids';
import { makeAppCertificate } from '../../../emulators/azure/app-certificate';
import { type AzureWorld, sharedAzureWorld } from '../provider-contract/azure-world';
import { everythingOf, failureOf } from '../provider-contract/contract';
import { type ReferencedAzure, referencedAzure } from './azure-customer';
import { Folder } from './book';

const DAY_MS = 86_400_000;
const SECRET = 'globex-app';
const never = (): AbortSignal => new AbortController().signal;
const world = sharedAzureWorld();

/** The operator's own vault, and an app of its own that reads its secrets. */
async function operatorsVault({ emulator, agent }: AzureWorld, folder: Folder) {
  const { tenantId, admin } = emulator.administer('POST tenants', { name: 'operations' });
  const name = `novantra-${randomBytes(4).toString('hex')}`;
  const vault = emulator.administer('POST vaults', { name, tenantId, diagnostics: true });
  const { appId, objectId } = emulator.administer('POST apps', { tenantId, name: 'reader' });
  const validity = { notBefore: Date.now() - DAY_MS, notAfter: Date.now() + DAY_MS };
  const { pem, certificate } = makeAppCertificate({ commonName: 'reader', ...validity });
  emulator.administer('POST apps/certificates', { appId, certificate });
  emulator.administer('POST role-assignments', {
    ...{ scope: vault.resourceId, principalId: objectId, role: 'Key Vault Secrets User' },
  });
  folder.write('reader.pem', pem);
  const through = {
    retryOptions: { maxRetries: 0 },
    additionalPolicies: [
      {
        position: 'perRetry' as const,
        policy: {
          name: 'toEmulator',
          sendRequest: (
            request: Parameters<SecretPolicy['sendRequest']>[0],
            next: Parameters<SecretPolicy['sendRequest']>[1],
          ) => {
            request.agent = agent;
            return next(request);
          },
        },
      },
    ],
  };
  const { clientId, clientSecret } = admin;
  const credential = new ClientSecretCredential(tenantId, clientId, clientSecret, through);
  const source = { kind: 'certificate', file: `${folder.path}/reader.pem` } as const;
  return {
    secrets: new SecretClient(vault.vaultUri, credential, through),
    place: { host: `${name}.vault.azure.net`, tenantId, app: { clientId: appId, source } },
    name,
    appId,
  };
}
type SecretPolicy = import('@azure/core-rest-pipeline').PipelinePolicy;

describe('a credential in the operator’s vault', () => {
  let fixture: ReferencedAzure;
  let operator: Awaited<ReturnType<typeof operatorsVault>>;
  const own = new Folder();

  const start = async (locator = `azure:${SECRET}`): Promise<void> => {
    operator = await operatorsVault(world(), own);
    await operator.secrets.setSecret(SECRET, world().certificate.pem);
    fixture = await referencedAzure(world(), { locator, places: { vault: operator.place } });
  };
  const wrap = () => {
    const { provider, connection } = fixture;
    const context = {
      ...{ organization: connection.organization, purpose: 'workspace-key' as const },
      keyVersion: 1 as KeyVersion,
    };
    return provider.wrap(connection, randomBytes(32), context, never());
  };
  const reads = (): string[] =>
    fixture.records
      .filter(({ provider }) => provider === 'secret-store')
      .map(({ operation, code }) => `${operation} ${code}`);

  afterEach(async () => {
    world().emulator.clearFaults();
    await fixture.close();
  });
  afterAll(() => own.remove());

  test('is read once for a token, with the operator’s app, in one request', async () => {
    await start();
    const { emulator } = world();
    const since = emulator.lastSequence();
    await Promise.all(Array.from({ length: 9 }, wrap));
    expect(reads()).toEqual(['get-secret OK']);
    const rows = emulator.trail(since).filter(({ operationName }) => operationName === 'SecretGet');
    expect(rows).toMatchObject([
      { identity: { claim: { appid: operator.appId } }, properties: { httpStatusCode: 200 } },
    ]);
    const { findings } = await fixture.verifier.verify(fixture.connect(), never());
    expect(findings.map(({ result }) => result)).toEqual(Array.from({ length: 6 }, () => 'ok'));
  });

  test('a client secret will do, and a renewal of the token reads it anew', async () => {
    await start();
    const { emulator, appId } = world();
    const { secretText: clientSecret } = emulator.administer('POST apps/secrets', { appId });
    await operator.secrets.setSecret(SECRET, JSON.stringify({ clientSecret }));
    await wrap();
    await fixture.verifier.verify(fixture.connect(), never());
    expect(reads()).toHaveLength(2);
  });

  test('a version that the locator names stays, a rotated one counts from the next token on', async () => {
    await start();
    const { properties } = await operator.secrets.setSecret(SECRET, world().certificate.pem);
    await operator.secrets.setSecret(SECRET, 'nothing that is read');
    fixture.book.register({ ...fixture.stated, locator: `azure:${SECRET}@${properties.version}` });
    await wrap();
    fixture.book.register(fixture.stated);
    expect((await failureOf(wrap())).code).toBe('CREDENTIAL_UNAVAILABLE');
    await operator.secrets.setSecret(SECRET, world().certificate.pem);
    await wrap();
  });

  test('one that its vault dates is not used past that date, and its end is known before', async () => {
    await start();
    const soon = new Date(Math.floor(Date.now() / 1000) * 1000 + 3_600_000);
    await operator.secrets.setSecret(SECRET, world().certificate.pem, { expiresOn: soon });
    expect(await fixture.ends.endOf(fixture.entry, never())).toBe(soon.getTime());
    const past = new Date(Date.UTC(2020, 0, 1));
    await operator.secrets.setSecret(SECRET, world().certificate.pem, { expiresOn: past });
    expect(await fixture.ends.endOf(fixture.entry, never())).toBe(past.getTime());
    expect((await failureOf(wrap())).code).toBe('CREDENTIAL_EXPIRED');
  });

  test('the end is the certificate’s own where that is the earlier, and the registered one where none can be read', async () => {
    await start();
    const { ends, entry, folder, stated, book } = fixture;
    const ofCertificate = await ends.endOf(entry, never());
    expect(ofCertificate).toBeLessThan(Date.parse(entry.notAfter));
    expect(Math.abs(ofCertificate - (Date.now() + 30 * DAY_MS))).toBeLessThan(DAY_MS);
    folder.write('none.pem', 'nothing');
    const unreadable = book.register({ ...stated, locator: 'file:none.pem' });
    expect(await ends.endOf(unreadable, never())).toBe(Date.parse(unreadable.notAfter));
    expect(await ends.endOf(entry, AbortSignal.abort())).toBe(Date.parse(entry.notAfter));
  });

  test('disabled, deleted, or without a right to it: CREDENTIAL_UNAVAILABLE', async () => {
    await start();
    const { secrets, place } = operator;
    const code = async () => (await failureOf(wrap())).code;
    const { properties } = await secrets.setSecret(SECRET, world().certificate.pem, { enabled: false });
    expect(await code()).toBe('CREDENTIAL_UNAVAILABLE');
    await secrets.updateSecretProperties(SECRET, properties.version ?? '', { enabled: true });
    world().emulator.administer('PATCH vaults', { name: operator.name, rbac: false });
    expect(await code()).toBe('CREDENTIAL_UNAVAILABLE');
    world().emulator.administer('PATCH vaults', { name: operator.name, rbac: true });
    await wrap();
    await secrets.beginDeleteSecret(SECRET);
    fixture.book.register(fixture.stated);
    expect(await code()).toBe('CREDENTIAL_UNAVAILABLE');
    const principal = { tenantId: place.tenantId, appId: operator.appId, enabled: false };
    world().emulator.administer('PATCH service-principals', principal);
    expect(await code()).toBe('CREDENTIAL_UNAVAILABLE');
  });

  test.each([
    [429, 'PROVIDER_TRANSIENT', 'THROTTLED', 1],
    [503, 'PROVIDER_TRANSIENT', 'PROVIDER_TRANSIENT', 1],
    [403, 'CREDENTIAL_UNAVAILABLE', 'CREDENTIAL_UNAVAILABLE', 1],
    [404, 'CREDENTIAL_UNAVAILABLE', 'CREDENTIAL_UNAVAILABLE', 1],
    [401, 'CREDENTIAL_UNAVAILABLE', 'SESSION_EXPIRED', 2],
    [418, 'CREDENTIAL_UNAVAILABLE', 'CREDENTIAL_UNAVAILABLE', 1],
  ] as const)('inv08 HTTP %i is %s to the customer, and nothing raw', async (status, told, known, times) => {
    await start();
    const marker = `leak-${randomBytes(8).toString('hex')}`;
    world().emulator.inject({
      match: { action: 'SecretGet' },
      effect: { kind: 'error', code: marker, status, message: marker, requestId: `{${marker}}` },
    });
    const failure = await failureOf(wrap());
    expect(failure).toMatchObject({ code: told, requestId: null });
    expect(reads()).toEqual(Array.from({ length: times }, () => `get-secret ${known}`));
    expect(everythingOf([failure, fixture.records])).not.toContain(marker);
    world().emulator.clearFaults();
    await wrap();
  });

  test.each([
    ['not JSON', () => '<html>'],
    ['without a value', (id: string) => JSON.stringify({ id, attributes: { enabled: true } })],
    [
      'of another secret',
      (id: string) =>
        JSON.stringify({ id: `${id}-2/${'0'.repeat(32)}`, value: 'x', attributes: { enabled: true } }),
    ],
    [
      'of another vault',
      () =>
        JSON.stringify({
          ...{ id: `https://x.vault.azure.net/secrets/${SECRET}/${'0'.repeat(32)}`, value: 'x' },
          attributes: { enabled: true },
        }),
    ],
  ])('an answer that is %s is CREDENTIAL_UNAVAILABLE', async (_, body) => {
    await start();
    world().emulator.inject({
      match: { action: 'SecretGet' },
      effect: {
        ...{ kind: 'malformed', status: 200 },
        body: body(`https://${operator.place.host}/secrets/${SECRET}`),
      },
    });
    expect((await failureOf(wrap())).code).toBe('CREDENTIAL_UNAVAILABLE');
  });

  test('inv08 a client secret that Entra refuses, and a key that it takes, are in nothing that is kept or told', async () => {
    await start();
    await wrap();
    const clientSecret = 'LeAkMaRkEr~'.repeat(4).slice(0, 40);
    await operator.secrets.setSecret(SECRET, JSON.stringify({ clientSecret }));
    fixture.book.register(fixture.stated);
    const failure = await failureOf(wrap());
    expect(failure.code).toBe('CREDENTIAL_INVALID');
    const everything = everythingOf([failure, fixture.records, world().emulator.trail()]);
    const [, line = ''] = world().certificate.privateKey.split('\n');
    for (const secret of ['LeAkMaRkEr', line]) expect(everything).not.toContain(secret);
  });

  test('a cut connection is NETWORK', async () => {
    await start();
    world().emulator.inject({ match: { action: 'SecretGet' }, effect: { kind: 'reset' } });
    expect((await failureOf(wrap())).code).toBe('NETWORK');
  });
});

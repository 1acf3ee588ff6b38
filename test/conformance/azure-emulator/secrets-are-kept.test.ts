import { ClientSecretCredential } from '@azure/identity';
import { SecretClient } from '@azure/keyvault-secrets';
import { type Cloud, refusal, startCloud } from './cloud';

describe('secrets of a vault, by their official client', () => {
  let cloud: Cloud;
  let admin: SecretClient;
  let reader: SecretClient;
  const asReader = (): SecretClient =>
    new SecretClient(cloud.vault.vaultUri, cloud.byCertificate(cloud.customer.tenantId), cloud.through());

  beforeAll(async () => {
    cloud = await startCloud();
    const { tenantId, admin: who } = cloud.customer;
    const through = cloud.through();
    admin = new SecretClient(
      cloud.vault.vaultUri,
      new ClientSecretCredential(tenantId, who.clientId, who.clientSecret, through),
      through,
    );
    reader = asReader();
    cloud.emulator.administer('PATCH vaults', { name: cloud.vault.name, diagnostics: true });
    cloud.emulator.administer('POST role-assignments', {
      scope: cloud.vault.resourceId,
      principalId: cloud.app.objectId,
      role: 'Key Vault Secrets User',
    });
  });
  afterEach(() => cloud.emulator.clearFaults());
  afterAll(() => cloud.close());

  test('what was set is got: the newest, or the version that is named', async () => {
    const first = await admin.setSecret('rotated', 'first', { contentType: 'text/plain' });
    const second = await admin.setSecret('rotated', 'second');
    expect(await reader.getSecret('rotated')).toMatchObject({
      name: 'rotated',
      value: 'second',
      properties: { version: second.properties.version, enabled: true },
    });
    const version = first.properties.version ?? '';
    expect((await reader.getSecret('rotated', { version })).value).toBe('first');
  });

  test('its dates hold nobody back, being disabled does', async () => {
    const { properties } = await admin.setSecret('dated', 'x', { expiresOn: new Date(Date.UTC(2020, 0, 1)) });
    expect(await reader.getSecret('dated')).toMatchObject({
      value: 'x',
      properties: { expiresOn: new Date(Date.UTC(2020, 0, 1)) },
    });
    await admin.updateSecretProperties('dated', properties.version ?? '', { enabled: false });
    expect(await refusal(reader.getSecret('dated'))).toMatchObject({ status: 403, inner: 'SecretDisabled' });
  });

  test('refuses as Key Vault does', async () => {
    await admin.setSecret('gone', 'x');
    await admin.beginDeleteSecret('gone');
    for (const name of ['gone', 'never'])
      expect(await refusal(reader.getSecret(name))).toMatchObject({ status: 404, code: 'SecretNotFound' });
    expect(await refusal(reader.setSecret('mine', 'x'))).toMatchObject({ inner: 'ForbiddenByRbac' });
    expect(await refusal(admin.setSecret('gone', 'y'))).toMatchObject({ status: 409 });
  });

  test('an assignment at one secret, and an access policy, let in as far as they go', async () => {
    const { emulator, app, vault } = cloud;
    const [{ id = '' } = {}] = emulator
      .administer('GET role-assignments', {})
      .assignments.filter(({ role }) => role === 'Key Vault Secrets User');
    emulator.administer('DELETE role-assignments', { id });
    await admin.setSecret('allowed', 'x');
    await admin.setSecret('other', 'x');
    const one = {
      scope: `${vault.resourceId}/secrets/allowed`,
      principalId: app.objectId,
      role: 'Key Vault Secrets User',
    };
    emulator.administer('POST role-assignments', one);
    expect((await reader.getSecret('allowed')).value).toBe('x');
    expect(await refusal(reader.getSecret('other'))).toMatchObject({ inner: 'ForbiddenByRbac' });

    emulator.administer('PATCH vaults', { name: vault.name, rbac: false });
    expect(await refusal(reader.getSecret('allowed'))).toMatchObject({ inner: 'ForbiddenByPolicy' });
    const policy = { name: vault.name, objectId: app.objectId, keys: ['get'] };
    emulator.administer('PUT vaults/access-policies', policy);
    expect(await refusal(reader.getSecret('allowed'))).toMatchObject({ inner: 'ForbiddenByPolicy' });
    emulator.administer('PUT vaults/access-policies', { ...policy, secrets: ['get'] });
    expect((await reader.getSecret('other')).value).toBe('x');
  });

  test('faults are for the secret that they name', async () => {
    await admin.setSecret('faulty', 'x');
    await admin.setSecret('sound', 'x');
    cloud.emulator.inject({
      match: { action: 'SecretGet', secret: 'faulty' },
      effect: { kind: 'error', code: 'Throttled', status: 429 },
    });
    expect(await refusal(reader.getSecret('faulty'))).toMatchObject({ status: 429 });
    expect((await reader.getSecret('sound')).value).toBe('x');
  });

  test('the log says who read what, and nothing of it', async () => {
    await admin.setSecret('logged', 'MARKER-logged');
    const since = cloud.emulator.lastSequence();
    await reader.getSecret('logged');
    const rows = cloud.emulator.trail(since);
    expect(rows.at(-1)).toMatchObject({
      operationName: 'SecretGet',
      resultType: 'Success',
      properties: { id: expect.stringMatching(/\/secrets\/logged\/[0-9a-f]{32}$/) },
    });
    expect(JSON.stringify(cloud.emulator.trail())).not.toContain('MARKER-logged');
  });
});

import { KeyClient } from '@azure/keyvault-keys';
import { signJwt } from '../../../emulators/azure/jwt';
import { ask, type Cloud, refusal, startCloud, wrapAndUnwrap } from './cloud';

describe('a vault', () => {
  let cloud: Cloud;
  let kid: string;
  const plain = Buffer.alloc(32, 7);

  beforeAll(async () => {
    cloud = await startCloud();
    kid = (await cloud.keys.createKey('root', 'RSA', { keySize: 2048 })).id ?? '';
    cloud.emulator.administer('POST roles', wrapAndUnwrap);
  });
  afterAll(() => cloud.close());

  const client = (id = kid, localAddress?: string): ReturnType<Cloud['crypto']> =>
    cloud.crypto(
      id,
      cloud.byCertificate(cloud.customer.tenantId),
      localAddress === undefined ? undefined : cloud.agent(localAddress),
    );
  const grant = (scope = cloud.vault.resourceId, role = wrapAndUnwrap.name): string =>
    cloud.emulator.administer('POST role-assignments', { scope, principalId: cloud.app.objectId, role }).id;
  const withdraw = (id: string): unknown => cloud.emulator.administer('DELETE role-assignments', { id });

  it('challenges who comes without a token', async () => {
    const answer = await ask(cloud.agent(), `${kid}/unwrapkey?api-version=7.6`, {
      method: 'POST',
      headers: { 'x-ms-client-request-id': 'c0ffee00-0000-4000-8000-000000000001' },
    });
    expect(answer.status).toBe(401);
    expect(answer.headers['www-authenticate']).toBe(
      `Bearer authorization="https://login.microsoftonline.com/${cloud.customer.tenantId}", resource="https://vault.azure.net"`,
    );
    expect(answer.headers).toMatchObject({
      'x-ms-client-request-id': 'c0ffee00-0000-4000-8000-000000000001',
      'x-ms-request-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(JSON.parse(answer.body)).toMatchObject({ error: { code: 'Unauthorized' } });
  });

  it('refuses forged tokens and tokens of another tenant', async () => {
    const bearer = async (token: string): Promise<{ status: number; message: string }> => {
      const { status, body } = await ask(cloud.agent(), `${kid}?api-version=7.6`, {
        headers: { authorization: `Bearer ${token}` },
      });
      return { status, message: (JSON.parse(body) as { error: { message: string } }).error.message };
    };
    const claims = {
      aud: 'https://vault.azure.net',
      iss: `https://sts.windows.net/${cloud.customer.tenantId}/`,
      exp: 9e9,
    };
    const unsigned = (alg: string): string =>
      `${[{ alg }, claims].map((p) => Buffer.from(JSON.stringify(p)).toString('base64url')).join('.')}.`;
    expect((await bearer(unsigned('none'))).status).toBe(401);
    expect((await bearer(signJwt({ kid: 'k' }, claims, cloud.certificate.privateKey))).status).toBe(401);
    const foreign = await cloud
      .byCertificate(cloud.operator.tenantId)
      .getToken('https://vault.azure.net/.default');
    expect(await bearer(foreign?.token ?? '')).toEqual({
      status: 401,
      message: `AKV10032: Invalid issuer. Expected one of https://sts.windows.net/${cloud.customer.tenantId}/, found https://sts.windows.net/${cloud.operator.tenantId}/.`,
    });
    const identity = cloud.emulator.administer('POST managed-identities', {
      tenantId: cloud.customer.tenantId,
    });
    const { token } = cloud.emulator.administer('POST managed-identities/tokens', {
      clientId: identity.clientId,
    });
    expect((await bearer(token)).message).toMatch(/^AKV10022: Invalid audience\./);
  });

  it('refuses without a role, and with one at another key', async () => {
    await cloud.keys.createKey('other', 'EC');
    const elsewhere = grant(`${cloud.vault.resourceId}/keys/other`);
    const refused = await refusal(client().wrapKey('RSA-OAEP-256', plain));
    expect(refused).toMatchObject({ status: 403, code: 'Forbidden', inner: 'ForbiddenByRbac' });
    expect(refused.message).toContain("Action: 'Microsoft.KeyVault/vaults/keys/wrap/action'");
    withdraw(elsewhere);
  });

  it('a role at the key is enough, and enough for nothing else', async () => {
    const id = grant(`${cloud.vault.resourceId}/keys/root`);
    const { result } = await client().wrapKey('RSA-OAEP-256', plain);
    await client().unwrapKey('RSA-OAEP-256', result);
    const asApp = new KeyClient(
      cloud.vault.vaultUri,
      cloud.byCertificate(cloud.customer.tenantId),
      cloud.through(),
    );
    for (const call of [
      () => asApp.getKey('root'),
      () => asApp.updateKeyProperties('root', { enabled: false }),
      () => asApp.rotateKey('root'),
      () => asApp.createKey('mine', 'EC'),
      () => client().encrypt({ algorithm: 'RSA-OAEP-256', plaintext: plain }),
    ]) {
      expect(await refusal(call())).toMatchObject({ status: 403, inner: 'ForbiddenByRbac' });
    }
    withdraw(id);
    expect(await refusal(client().unwrapKey('RSA-OAEP-256', result))).toMatchObject({
      inner: 'ForbiddenByRbac',
    });
  });

  it('goes by access policies where it is set to', async () => {
    const { name } = cloud.vault;
    const id = grant();
    cloud.emulator.administer('PATCH vaults', { name, rbac: false });
    const refused = await refusal(client().wrapKey('RSA-OAEP-256', plain));
    expect(refused).toMatchObject({ status: 403, inner: 'ForbiddenByPolicy' });
    expect(refused.message).toContain('does not have keys wrapKey permission on key vault');
    const policy = { name, objectId: cloud.app.objectId };
    cloud.emulator.administer('PUT vaults/access-policies', { ...policy, keys: ['wrapKey'] });
    const { result } = await client().wrapKey('RSA-OAEP-256', plain);
    expect(await refusal(client().unwrapKey('RSA-OAEP-256', result))).toMatchObject({
      inner: 'ForbiddenByPolicy',
    });
    cloud.emulator.administer('PUT vaults/access-policies', { ...policy, keys: ['wrapKey', 'unwrapKey'] });
    await client().unwrapKey('RSA-OAEP-256', result);
    cloud.emulator.administer('PATCH vaults', { name, rbac: true });
    withdraw(id);
  });

  it('has a firewall', async () => {
    const id = grant();
    const { name } = cloud.vault;
    cloud.emulator.administer('PATCH vaults', {
      name,
      firewall: { defaultAction: 'Deny', ipRules: ['127.0.0.0/31', '127.8.0.0/16'] },
    });
    await client().wrapKey('RSA-OAEP-256', plain);
    await client(kid, '127.8.3.4').wrapKey('RSA-OAEP-256', plain);
    const refused = await refusal(client(kid, '127.0.0.2').wrapKey('RSA-OAEP-256', plain));
    expect(refused).toMatchObject({ status: 403, inner: 'ForbiddenByFirewall' });
    expect(refused.message).toContain('Client address: 127.0.0.2');
    cloud.emulator.administer('PATCH vaults', { name, firewall: { defaultAction: 'Allow' } });
    withdraw(id);
  });

  it('refuses what RSA cannot do: other ciphertexts, other algorithms, too much at once, other kinds of key', async () => {
    const id = grant();
    const wrapped = await client().wrapKey('RSA-OAEP-256', plain);
    const bad = { status: 400, code: 'BadParameter' };
    const flipped = Buffer.from(wrapped.result);
    flipped[9] = (flipped[9] ?? 0) ^ 1;
    expect(await refusal(client().unwrapKey('RSA-OAEP-256', flipped))).toMatchObject(bad);
    expect(await refusal(client().unwrapKey('RSA-OAEP', wrapped.result))).toMatchObject(bad);
    expect(await refusal(client().wrapKey('A256KW', plain))).toMatchObject(bad);
    expect(await refusal(client().wrapKey('RSA-OAEP-256', Buffer.alloc(191)))).toMatchObject(bad);
    expect((await client().wrapKey('RSA-OAEP-256', Buffer.alloc(190))).result.length).toBe(256);
    const sha1 = await client().wrapKey('RSA-OAEP', plain);
    expect(Buffer.from((await client().unwrapKey('RSA-OAEP', sha1.result)).result)).toEqual(plain);
    const elliptic = (await cloud.keys.getKey('other')).id ?? '';
    expect(await refusal(client(elliptic).wrapKey('RSA-OAEP-256', plain))).toMatchObject({
      status: 403,
      inner: 'KeyOperationForbidden',
    });
    withdraw(id);
  });

  it('takes no more than its limit in ten seconds, and says when to come again', async () => {
    let now = Date.now();
    const limited = await startCloud({ clock: () => now });
    try {
      const { emulator, vault, app, customer } = limited;
      const made = await limited.keys.createKey('root', 'RSA');
      emulator.administer('POST roles', wrapAndUnwrap);
      emulator.administer('POST role-assignments', {
        scope: vault.resourceId,
        principalId: app.objectId,
        role: wrapAndUnwrap.name,
      });
      emulator.administer('PATCH vaults', { name: vault.name, requestLimit: 2 });
      now += 20_000;
      const crypto = limited.crypto(made.id ?? '', limited.byCertificate(customer.tenantId));
      await crypto.wrapKey('RSA-OAEP-256', plain);
      await crypto.wrapKey('RSA-OAEP-256', plain);
      expect(await refusal(crypto.wrapKey('RSA-OAEP-256', plain))).toMatchObject({
        status: 429,
        code: 'Throttled',
      });
      now += 10_000;
      await crypto.wrapKey('RSA-OAEP-256', plain);
    } finally {
      await limited.close();
    }
  });
});

import { ClientSecretCredential } from '@azure/identity';
import { KeyClient } from '@azure/keyvault-keys';
import { type Cloud, startCloud, wrapAndUnwrap } from './cloud';

describe('an identity of the operator wraps and unwraps with a key of the customer', () => {
  let cloud: Cloud;
  let kid: string;
  const plain = Buffer.alloc(32, 7);

  beforeAll(async () => {
    cloud = await startCloud();
    const { emulator, keys, vault, app } = cloud;
    const key = await keys.createKey('workspace-root', 'RSA', { keySize: 2048 });
    kid = key.id ?? '';
    emulator.administer('POST roles', wrapAndUnwrap);
    emulator.administer('POST role-assignments', {
      scope: `${vault.resourceId}/keys/workspace-root`,
      principalId: app.objectId,
      role: wrapAndUnwrap.name,
    });
  });
  afterAll(() => cloud.close());

  it('with a certificate', async () => {
    const client = cloud.crypto(kid, cloud.byCertificate(cloud.customer.tenantId));
    const wrapped = await client.wrapKey('RSA-OAEP-256', plain);
    expect(wrapped.keyID).toBe(kid);
    const opened = await client.unwrapKey('RSA-OAEP-256', wrapped.result);
    expect(Buffer.from(opened.result)).toEqual(plain);
  });

  it('with a managed identity of its own tenant as the source', async () => {
    const { emulator, operator, app } = cloud;
    const identity = emulator.administer('POST managed-identities', { tenantId: operator.tenantId });
    emulator.administer('POST apps/federated-credentials', {
      appId: app.appId,
      name: 'worker',
      ...identity.federation,
    });
    const source = async (): Promise<string> =>
      emulator.administer('POST managed-identities/tokens', { clientId: identity.clientId }).token;
    const client = cloud.crypto(kid, cloud.byAssertion(cloud.customer.tenantId, source));
    const wrapped = await client.wrapKey('RSA-OAEP-256', plain);
    expect(Buffer.from((await client.unwrapKey('RSA-OAEP-256', wrapped.result)).result)).toEqual(plain);
  });

  it('with a workload identity of an issuer outside Entra', async () => {
    const { emulator, app } = cloud;
    const issuer = 'https://issuers.azure-emulator.invalid/cluster';
    const subject = 'system:serviceaccount:smsk:worker';
    emulator.administer('POST issuers', { issuer });
    emulator.administer('POST apps/federated-credentials', {
      appId: app.appId,
      name: 'k8s',
      issuer,
      subject,
    });
    const source = async (): Promise<string> =>
      emulator.administer('POST issuers/tokens', { issuer, subject }).token;
    const client = cloud.crypto(kid, cloud.byAssertion(cloud.customer.tenantId, source));
    expect((await client.wrapKey('RSA-OAEP-256', plain)).result.length).toBe(256);
  });

  it('a versionless identifier means the newest version, and the answer says which', async () => {
    const { keys, emulator } = cloud;
    const client = cloud.crypto(kid, cloud.byCertificate(cloud.customer.tenantId));
    const before = await client.wrapKey('RSA-OAEP-256', plain);
    const rotated = await keys.rotateKey('workspace-root');
    expect(rotated.id).not.toBe(kid);
    emulator.administer('PATCH vaults', { name: cloud.vault.name, diagnostics: true });
    const from = emulator.lastSequence();
    const versionless = cloud.crypto(
      kid.slice(0, kid.lastIndexOf('/')),
      cloud.byCertificate(cloud.customer.tenantId),
    );
    await versionless.wrapKey('RSA-OAEP-256', plain);
    expect(
      emulator.trail(from).map((r) => [r.operationName, r.properties.httpStatusCode, r.properties.id]),
    ).toEqual([
      ['KeyWrap', 401, undefined],
      ['KeyWrap', 200, rotated.id],
    ]);
    expect(Buffer.from((await client.unwrapKey('RSA-OAEP-256', before.result)).result)).toEqual(plain);
  });

  it('asks for no more than one challenge per client, and never for the key itself', async () => {
    const client = cloud.crypto(kid, cloud.byCertificate(cloud.customer.tenantId));
    const before = cloud.emulator.counters();
    for (let i = 0; i < 3; i += 1) await client.wrapKey('RSA-OAEP-256', plain);
    const after = cloud.emulator.counters();
    const grown = (outcome: string): number =>
      (after['vault:KeyWrap']?.[outcome] ?? 0) - (before['vault:KeyWrap']?.[outcome] ?? 0);
    expect([grown('challenge'), grown('ok')]).toEqual([1, 3]);
    expect(after['vault:KeyGet']).toEqual(before['vault:KeyGet']);
  });

  it.each(['us-government', 'china'] as const)('in the %s cloud', async (name) => {
    const { emulator, agent, through } = cloud;
    const tenant = emulator.administer('POST tenants', { name: `customer-${name}`, cloud: name });
    const vault = emulator.administer('POST vaults', { name: 'contoso-keys', tenantId: tenant.tenantId });
    const authorityHost =
      name === 'china' ? 'https://login.chinacloudapi.cn' : 'https://login.microsoftonline.us';
    const admin = new ClientSecretCredential(
      tenant.tenantId,
      tenant.admin.clientId,
      tenant.admin.clientSecret,
      { ...through(agent()), authorityHost },
    );
    const made = await new KeyClient(vault.vaultUri, admin, through()).createKey('root', 'RSA');
    expect(made.id).toContain(name === 'china' ? '.vault.azure.cn/' : '.vault.usgovcloudapi.net/');
    const client = cloud.crypto(made.id ?? '', admin);
    const wrapped = await client.wrapKey('RSA-OAEP-256', plain);
    expect(Buffer.from((await client.unwrapKey('RSA-OAEP-256', wrapped.result)).result)).toEqual(plain);
  });
});

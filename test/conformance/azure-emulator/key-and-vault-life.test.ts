import { generateKeyPairSync } from 'node:crypto';
import { ClientSecretCredential } from '@azure/identity';
import { KeyClient } from '@azure/keyvault-keys';
import { EmulatorAgent } from '../../../emulators/azure/agent';
import { ask, type Cloud, refusal, startCloud, wrapAndUnwrap } from './cloud';

const dayMs = 86_400_000;

describe('the life of keys and vaults', () => {
  let now = Date.now();
  let cloud: Cloud;
  const plain = Buffer.alloc(32, 7);

  beforeAll(async () => {
    cloud = await startCloud({ clock: () => now });
    cloud.emulator.administer('POST roles', wrapAndUnwrap);
    grant();
  });
  afterAll(() => cloud.close());

  const grant = (): unknown =>
    cloud.emulator.administer('POST role-assignments', {
      scope: cloud.vault.resourceId,
      principalId: cloud.app.objectId,
      role: wrapAndUnwrap.name,
    });
  const client = (id: string): ReturnType<Cloud['crypto']> =>
    cloud.crypto(id, cloud.byCertificate(cloud.customer.tenantId));
  const made = async (name: string, options: object = {}): Promise<{ id: string; wrapped: Uint8Array }> => {
    const id = (await cloud.keys.createKey(name, 'RSA', { keySize: 2048, ...options })).id ?? '';
    return { id, wrapped: (await client(id).wrapKey('RSA-OAEP-256', plain)).result };
  };

  it('an expired key opens what it closed, and closes nothing more', async () => {
    const { id, wrapped } = await made('expiring');
    await cloud.keys.updateKeyProperties('expiring', { expiresOn: new Date(now - 1000) });
    expect(await refusal(client(id).wrapKey('RSA-OAEP-256', plain))).toMatchObject({
      status: 403,
      inner: 'KeyExpired',
    });
    expect(Buffer.from((await client(id).unwrapKey('RSA-OAEP-256', wrapped)).result)).toEqual(plain);
  });

  it('so does one that is not yet valid', async () => {
    const { id, wrapped } = await made('early');
    await cloud.keys.updateKeyProperties('early', { notBefore: new Date(now + dayMs) });
    expect(await refusal(client(id).wrapKey('RSA-OAEP-256', plain))).toMatchObject({
      status: 403,
      inner: 'KeyNotYetValid',
    });
    await client(id).unwrapKey('RSA-OAEP-256', wrapped);
  });

  it('a disabled key opens nothing, though it was seen to close; enabling brings it back at once', async () => {
    const { id, wrapped } = await made('switched');
    await cloud.keys.updateKeyProperties('switched', { enabled: false });
    const refused = await refusal(client(id).unwrapKey('RSA-OAEP-256', wrapped));
    expect(refused).toMatchObject({ status: 403, code: 'Forbidden', inner: 'KeyDisabled' });
    expect(refused.message).toBe('Operation unwrapKey is not allowed on a disabled key.');
    await client(id).wrapKey('RSA-OAEP-256', plain);
    await cloud.keys.updateKeyProperties('switched', { enabled: true });
    await client(id).unwrapKey('RSA-OAEP-256', wrapped);
  });

  it('each version has its own switch', async () => {
    const { id, wrapped } = await made('versioned');
    const newer = (await cloud.keys.rotateKey('versioned')).id ?? '';
    await cloud.keys.updateKeyProperties('versioned', id.split('/').at(-1) ?? '', { enabled: false });
    expect(await refusal(client(id).unwrapKey('RSA-OAEP-256', wrapped))).toMatchObject({
      inner: 'KeyDisabled',
    });
    const again = await client(newer).wrapKey('RSA-OAEP-256', plain);
    await client(newer).unwrapKey('RSA-OAEP-256', again.result);
    const versions: (string | undefined)[] = [];
    for await (const version of cloud.keys.listPropertiesOfKeyVersions('versioned'))
      versions.push(version.id);
    expect(versions.sort()).toEqual([id, newer].sort());
    expect(await refusal(client(`${id.slice(0, -1)}0000`).unwrapKey('RSA-OAEP-256', wrapped))).toMatchObject({
      status: 404,
      code: 'KeyNotFound',
    });
  });

  it('refuses what the key is not for', async () => {
    const { id, wrapped } = await made('one-way', { keyOps: ['wrapKey'] });
    expect(await refusal(client(id).unwrapKey('RSA-OAEP-256', wrapped))).toMatchObject({
      status: 403,
      inner: 'KeyOperationForbidden',
    });
  });

  it('takes in a key made elsewhere', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const jwk = privateKey.export({ format: 'jwk' });
    const bytes = (part: string | undefined): Uint8Array => Buffer.from(part ?? '', 'base64url');
    const imported = await cloud.keys.importKey('brought', {
      kty: 'RSA',
      n: bytes(jwk.n),
      e: bytes(jwk.e),
      d: bytes(jwk.d),
      p: bytes(jwk.p),
      q: bytes(jwk.q),
      dp: bytes(jwk.dp),
      dq: bytes(jwk.dq),
      qi: bytes(jwk.qi),
    });
    expect(Buffer.from(imported.key?.n ?? [])).toEqual(bytes(jwk.n));
    expect(imported.key?.d).toBeUndefined();
  });

  it('a deleted key is not found until it is recovered, and then works as before', async () => {
    const { id, wrapped } = await made('lost');
    const deleted = await (await cloud.keys.beginDeleteKey('lost')).pollUntilDone();
    expect(deleted.properties.recoveryId).toContain('/deletedkeys/lost');
    expect(await refusal(client(id).unwrapKey('RSA-OAEP-256', wrapped))).toMatchObject({
      status: 404,
      code: 'KeyNotFound',
    });
    expect(await refusal(cloud.keys.createKey('lost', 'RSA'))).toMatchObject({
      status: 409,
      code: 'Conflict',
      inner: 'ObjectIsDeletedButRecoverable',
    });
    await (await cloud.keys.beginRecoverDeletedKey('lost')).pollUntilDone();
    await client(id).unwrapKey('RSA-OAEP-256', wrapped);
  });

  it('a purged key is gone, and so is one whose retention has ended', async () => {
    const { id, wrapped } = await made('purged');
    await (await cloud.keys.beginDeleteKey('purged')).pollUntilDone();
    await cloud.keys.purgeDeletedKey('purged');
    expect(await refusal(cloud.keys.getDeletedKey('purged'))).toMatchObject({ status: 404 });
    expect((await made('purged')).id).not.toBe(id);
    expect(await refusal(client(id).unwrapKey('RSA-OAEP-256', wrapped))).toMatchObject({ status: 404 });
    await made('forgotten');
    await (await cloud.keys.beginDeleteKey('forgotten')).pollUntilDone();
    now += 90 * dayMs;
    try {
      expect(
        (await ask(cloud.agent(), `${cloud.vault.vaultUri}deletedkeys/forgotten?api-version=7.6`)).status,
      ).toBe(401);
      const admin = cloud.customer.admin;
      const later = new KeyClient(
        cloud.vault.vaultUri,
        new ClientSecretCredential(
          cloud.customer.tenantId,
          admin.clientId,
          admin.clientSecret,
          cloud.through(),
        ),
        cloud.through(),
      );
      expect(await refusal(later.getDeletedKey('forgotten'))).toMatchObject({ status: 404 });
    } finally {
      now -= 90 * dayMs;
    }
  });

  it('purge protection holds, for keys and for vaults', async () => {
    const vault = cloud.emulator.administer('POST vaults', {
      name: 'kept-for-good',
      tenantId: cloud.customer.tenantId,
      purgeProtection: true,
      retentionDays: 7,
    });
    const { admin, tenantId } = cloud.customer;
    const keys = new KeyClient(
      vault.vaultUri,
      new ClientSecretCredential(tenantId, admin.clientId, admin.clientSecret, cloud.through()),
      cloud.through(),
    );
    expect((await keys.createKey('root', 'RSA')).properties.recoveryLevel).toBe('CustomizedRecoverable');
    await (await keys.beginDeleteKey('root')).pollUntilDone();
    expect(await refusal(keys.purgeDeletedKey('root'))).toMatchObject({ status: 403 });
    cloud.emulator.administer('DELETE vaults', { name: vault.name });
    expect(() => cloud.emulator.administer('POST vaults/purge', { name: vault.name })).toThrow(RangeError);
  });

  it('a deleted vault keeps its name; recovered, it has lost its role assignments; purged, its name is gone', async () => {
    const { id, wrapped } = await made('root');
    const { name, vaultUri } = cloud.vault;
    const unwrap = (): Promise<unknown> => client(id).unwrapKey('RSA-OAEP-256', wrapped);
    cloud.emulator.administer('DELETE vaults', { name });
    expect(await refusal(unwrap())).toMatchObject({ status: 404, code: 'VaultNotFound' });
    expect(cloud.emulator.resolves(new URL(vaultUri).hostname)).toBe(true);
    cloud.emulator.administer('POST vaults/recover', { name });
    expect(await refusal(unwrap())).toMatchObject({ status: 403, inner: 'ForbiddenByRbac' });
    grant();
    await unwrap();
    cloud.emulator.administer('DELETE vaults', { name });
    cloud.emulator.administer('POST vaults/purge', { name });
    const { url, ca } = cloud.emulator;
    const asking = new EmulatorAgent({ url, ca });
    await expect(ask(asking, vaultUri)).rejects.toMatchObject({ code: 'ENOTFOUND' });
    await expect(ask(asking, 'https://vault.azure.net.example/')).rejects.toMatchObject({
      code: 'ENOTFOUND',
    });
    const stubborn = new EmulatorAgent({ url, ca, resolves: () => true });
    await expect(ask(stubborn, vaultUri)).rejects.toThrow();
    asking.destroy();
    stubborn.destroy();
  });
});

import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { decodeJwt } from 'jose';
import type { OrganizationId } from '../../../domain/ids';
import { makeAppCertificate } from '../../../emulators/azure/app-certificate';
import type { CallRecord } from '../../../providers/calls/call';
import type { AzureIdentity } from '../../../providers/credentials/azure';
import { azureApp } from '../../../providers/credentials/azure-app';
import {
  type AzureAppSettings,
  type AzureApps,
  azureAppIdentities,
} from '../../../providers/credentials/azure-apps';
import { certificateProof } from '../../../providers/credentials/azure-proof';
import { createEgress, type Egress } from '../../../providers/egress/egress';
import { readSecretFile } from '../../../runtime/secret-file';
import { type Cloud, startCloud } from '../azure-emulator/cloud';

const MINUTE = 60_000;
const DAY = 86_400_000;
const ACME = '6f1e0a4e-0000-4000-8000-000000000001' as OrganizationId;
const signal = (): AbortSignal => AbortSignal.timeout(10_000);

let now = Date.now();
let cloud: Cloud;
let egress: Egress;
let records: CallRecord[] = [];
const folder = mkdtempSync(join(tmpdir(), 'azure-identity-'));
const emulatorOf = ({ emulator }: Cloud) => ({ url: `https://127.0.0.1:${emulator.port}`, ca: emulator.ca });

beforeAll(async () => {
  cloud = await startCloud({ clock: () => now });
  egress = createEgress({ mode: 'development', emulators: { azure: emulatorOf(cloud) } });
});
afterAll(async () => {
  egress.close();
  await cloud.close();
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  records = [];
});
afterEach(() => cloud.emulator.clearFaults());

function appsOf(apps: readonly AzureAppSettings[], env: Record<string, string> = {}): AzureApps {
  return azureAppIdentities({
    apps,
    egress,
    emulator: emulatorOf(cloud),
    env,
    clock: () => now,
    observe: (record) => records.push(record),
    path: (file) => join(folder, file),
    secret: (file) => readSecretFile(join(folder, file)),
  });
}
function write(name: string, text: string, mode = 0o600): string {
  writeFileSync(join(folder, name), text);
  chmodSync(join(folder, name), mode);
  return name;
}
function identityIn(apps: AzureApps, organization = ACME): AzureIdentity {
  const found = apps.find(cloud.app.appId, organization);
  if (found === null) throw new Error('not found');
  return found.identity;
}
const byCertificate = (file: string): AzureIdentity =>
  identityIn(
    appsOf([{ clientId: cloud.app.appId, organization: null, source: { kind: 'certificate', file } }]),
  );
const inCustomer = () => ({ cloud: 'public', tenantId: cloud.customer.tenantId }) as const;
const tokensAsked = (): number => cloud.emulator.counters()['entra:Token']?.ok ?? 0;
const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'OK',
    (failure: { code?: string; name: string }) => `${failure.name} ${failure.code}`,
  );

describe('a certificate', () => {
  let identity: AzureIdentity;
  beforeEach(() => {
    identity = byCertificate(write('app.pem', cloud.certificate.pem));
  });

  test('gets a token of the customer’s tenant, for Key Vault, and one record says so', async () => {
    const { token, expiresAtMs } = await identity.token(inCustomer(), signal(), false);
    expect(decodeJwt(token)).toMatchObject({
      tid: cloud.customer.tenantId,
      appid: cloud.app.appId,
      aud: 'https://vault.azure.net',
      appidacr: '2',
    });
    expect(expiresAtMs).toBe(now + 3_599_000);
    expect(records).toMatchObject([{ provider: 'azure-key-vault', operation: 'token', code: 'OK' }]);
    expect(records[0]?.requestId).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('a token is kept until five minutes before its end by our clock', async () => {
    const { token } = await identity.token(inCustomer(), signal(), false);
    now += 54 * MINUTE;
    expect((await identity.token(inCustomer(), signal(), false)).token).toBe(token);
    now += MINUTE;
    expect((await identity.token(inCustomer(), signal(), false)).token).not.toBe(token);
    expect(records).toHaveLength(2);
  });

  test('a renewed one replaces the one at hand', async () => {
    const first = await identity.token(inCustomer(), signal(), false);
    const renewed = await identity.token(inCustomer(), signal(), true);
    expect(renewed.token).not.toBe(first.token);
    expect(await identity.token(inCustomer(), signal(), false)).toEqual(renewed);
  });

  test('one request serves all who ask meanwhile; a renewal doesn’t take what was asked for before it', async () => {
    const before = tokensAsked();
    const hold = cloud.emulator.inject({
      match: { service: 'entra' },
      effect: { kind: 'hold', when: 'before' },
    });
    const asking = Array.from({ length: 20 }, () => identity.token(inCustomer(), signal(), false));
    const renewing = Array.from({ length: 20 }, () => identity.token(inCustomer(), signal(), true));
    const late = identity.token(inCustomer(), signal(), false);
    cloud.emulator.clearFaults(hold);
    const asked = new Set((await Promise.all(asking)).map(({ token }) => token));
    const renewed = new Set((await Promise.all(renewing)).map(({ token }) => token));
    expect([asked.size, renewed.size]).toEqual([1, 1]);
    expect(renewed.has((await late).token)).toBe(true);
    expect(tokensAsked() - before).toBe(2);
  });

  test('one who leaves takes nobody along; when all have left, the next asks anew', async () => {
    const silence = cloud.emulator.inject({
      match: { service: 'entra' },
      effect: { kind: 'hang', when: 'before' },
      count: 1,
    });
    const leaving = new AbortController();
    const staying = new AbortController();
    const left = identity.token(inCustomer(), leaving.signal, false);
    const stayed = codeOf(identity.token(inCustomer(), staying.signal, false));
    while (cloud.emulator.hitsOf(silence) === 0) await new Promise((done) => setTimeout(done, 5));
    leaving.abort();
    expect(await codeOf(left)).toBe('ProviderFailure DEADLINE_EXCEEDED');
    expect(records).toEqual([]);
    staying.abort();
    expect(await stayed).toBe('ProviderFailure DEADLINE_EXCEEDED');
    expect(records).toMatchObject([{ code: 'DEADLINE_EXCEEDED' }]);
    expect(await codeOf(identity.token(inCustomer(), signal(), false))).toBe('OK');
  });

  test('tokens are kept apart by tenant', async () => {
    const there = await identity.token(inCustomer(), signal(), false);
    const atHome = await identity.token(
      { cloud: 'public', tenantId: cloud.operator.tenantId },
      signal(),
      false,
    );
    expect(decodeJwt(atHome.token).tid).toBe(cloud.operator.tenantId);
    expect(await identity.token(inCustomer(), signal(), false)).toEqual(there);
  });

  test('is read anew: a renewed one counts without a restart', async () => {
    await identity.token(inCustomer(), signal(), false);
    const renewed = makeAppCertificate({ commonName: 'w', notBefore: now - DAY, notAfter: now + 60 * DAY });
    cloud.emulator.administer('POST apps/certificates', {
      appId: cloud.app.appId,
      certificate: renewed.certificate,
    });
    write('app.pem', renewed.pem);
    const { token } = await identity.token(inCustomer(), signal(), true);
    expect(decodeJwt(token).appid).toBe(cloud.app.appId);
  });

  test('of two in one file the one that the key belongs to is used', async () => {
    const other = makeAppCertificate({ commonName: 'x', notBefore: now - DAY, notAfter: now + DAY });
    const both = byCertificate(write('chain.pem', `${other.certificate}${cloud.certificate.pem}`));
    expect(await codeOf(both.token(inCustomer(), signal(), false))).toBe('OK');
  });

  test('its end is known, and so is that it can’t be read', () => {
    const ends = makeAppCertificate({ commonName: 'e', notBefore: now - DAY, notAfter: now + 7 * DAY });
    const settings = (file: string): AzureAppSettings => ({
      clientId: cloud.app.appId,
      organization: null,
      source: { kind: 'certificate', file },
    });
    const apps = appsOf([settings(write('ends.pem', ends.pem)), settings('missing.pem')]);
    const seconds = Math.floor((now + 7 * DAY) / 1000);
    expect(apps.certificates()).toEqual([
      { clientId: cloud.app.appId, expiresAtMs: seconds * 1000 },
      { clientId: cloud.app.appId, expiresAtMs: null },
    ]);
  });
});

describe('a credential of ours that can’t be used is OUR_IDENTITY, and nothing of it is told', () => {
  const other = makeAppCertificate({ commonName: 'o', notBefore: now - DAY, notAfter: now + DAY });
  const past = makeAppCertificate({ commonName: 'p', notBefore: now - 9 * DAY, notAfter: now - DAY });
  test.each([
    ['others may read it', () => write('open.pem', cloud.certificate.pem, 0o640)],
    ['it isn’t there', () => 'missing.pem'],
    ['it is no PEM', () => write('none.pem', 'p@ssw0rd')],
    ['it has no certificate', () => write('key.pem', cloud.certificate.privateKey)],
    ['it has no key', () => write('certificate.pem', cloud.certificate.certificate)],
    [
      'key and certificate don’t belong together',
      () => write('mixed.pem', `${other.privateKey}${cloud.certificate.certificate}`),
    ],
    ['it isn’t registered with the app', () => write('other.pem', other.pem)],
    [
      'it has expired',
      () => {
        cloud.emulator.administer('POST apps/certificates', {
          appId: cloud.app.appId,
          certificate: past.certificate,
        });
        return write('past.pem', past.pem);
      },
    ],
  ])('%s', async (_what, file) => {
    const failure: unknown = await byCertificate(file())
      .token(inCustomer(), signal(), false)
      .catch((raw: unknown) => raw);
    expect(failure).toMatchObject({ name: 'ProviderFailure', code: 'OUR_IDENTITY' });
    expect(inspect(failure, { depth: 9, showHidden: true })).not.toMatch(/AADSTS|BEGIN|p@ss|\.pem|eyJ/);
    expect(records).toMatchObject([{ operation: 'token', code: 'OUR_IDENTITY' }]);
  });

  test('a customer’s own stays the customer’s: refused, or not to be read', async () => {
    const customers = (pem: string): AzureIdentity => {
      const { appId: clientId } = cloud.app;
      const clock = () => now;
      const prove = certificateProof({ clientId, pem: () => pem, clock });
      return azureApp({ clientId, prove, owner: 'customer', egress, clock, observe: () => {} });
    };
    expect(await codeOf(customers(other.pem).token(inCustomer(), signal(), false))).toBe(
      'ProviderFailure CREDENTIAL_INVALID',
    );
    expect(await codeOf(customers('').token(inCustomer(), signal(), false))).toBe(
      'ProviderFailure CREDENTIAL_UNAVAILABLE',
    );
  });

  test('a wrong client secret of a customer’s reference is CREDENTIAL_INVALID', async () => {
    const { appId: clientId } = cloud.app;
    const identity = azureApp({
      clientId,
      prove: async () => ({ kind: 'secret', secret: 'wrong' }),
      owner: 'customer',
      egress,
      clock: () => now,
      observe: () => {},
    });
    expect(await codeOf(identity.token(inCustomer(), signal(), false))).toBe(
      'ProviderFailure CREDENTIAL_INVALID',
    );
  });
});

describe('what Entra says of tenant and app', () => {
  const app = () => byCertificate(write('app.pem', cloud.certificate.pem));
  const asked = (tenantId: string) => codeOf(app().token({ cloud: 'public', tenantId }, signal(), false));

  test('no such tenant, or one of another cloud', async () => {
    expect(await asked('00000000-0000-4000-8000-000000000000')).toBe('ProviderFailure TENANT_NOT_FOUND');
    const government = app().token(
      { cloud: 'us-government', tenantId: cloud.customer.tenantId },
      signal(),
      false,
    );
    expect(await codeOf(government)).toBe('ProviderFailure TENANT_NOT_FOUND');
  });
  test('a tenant without our app', async () => {
    const { tenantId } = cloud.emulator.administer('POST tenants', { name: 'elsewhere' });
    expect(await asked(tenantId)).toBe('ProviderFailure SP_NOT_IN_TENANT');
  });
  test('our app disabled or blocked there', async () => {
    const { tenantId } = cloud.emulator.administer('POST tenants', { name: 'blocking' });
    const principal = { tenantId, appId: cloud.app.appId };
    cloud.emulator.administer('POST service-principals', principal);
    cloud.emulator.administer('PATCH service-principals', { ...principal, enabled: false });
    expect(await asked(tenantId)).toBe('ProviderFailure IDENTITY_BLOCKED');
    const blocked = { ...principal, enabled: true, blockedByConditionalAccess: true };
    cloud.emulator.administer('PATCH service-principals', blocked);
    expect(await asked(tenantId)).toBe('ProviderFailure IDENTITY_BLOCKED');
  });
  test.each([
    'common',
    'organizations',
    'contoso.example',
    '',
    '../x',
    'x?y',
    '72F988BF-86F1-41AF-91AB-2D7CD011DB47',
  ])('a tenant that isn’t a GUID is never asked: %p', async (tenantId) => {
    const before = JSON.stringify(cloud.emulator.counters());
    expect(await asked(tenantId)).toBe('ProviderFailure CONFIG_INVALID');
    expect(JSON.stringify(cloud.emulator.counters())).toBe(before);
  });
  test.each([
    [
      'THROTTLED',
      { kind: 'error', oauth: 'invalid_request', code: 'AADSTS90033', message: 'm', status: 429 },
    ],
    [
      'PROVIDER_TRANSIENT',
      { kind: 'error', oauth: 'invalid_request', code: 'AADSTS1', message: 'm', status: 503 },
    ],
    ['NETWORK', { kind: 'reset', when: 'before' }],
    ['UNCLASSIFIED', { kind: 'malformed', when: 'after', status: 200, headers: {}, body: '<html>' }],
    [
      'UNCLASSIFIED',
      { kind: 'malformed', when: 'after', status: 200, headers: {}, body: '{"access_token":"a\\r\\nb"}' },
    ],
  ] as const)('%s', async (code, effect) => {
    cloud.emulator.inject({ match: { service: 'entra' }, effect, count: 1 });
    expect(await asked(cloud.customer.tenantId)).toBe(`ProviderFailure ${code}`);
    expect(records).toMatchObject([{ code }]);
  });
});

describe('federation', () => {
  const issuer = 'https://oidc.example/cluster';
  const subject = 'system:serviceaccount:smsk:worker';
  const issued = (sub = subject): string =>
    cloud.emulator.administer('POST issuers/tokens', { issuer, subject: sub }).token;
  const workload = (tokenFile: string): AzureIdentity =>
    identityIn(
      appsOf([
        { clientId: cloud.app.appId, organization: null, source: { kind: 'workload-identity', tokenFile } },
      ]),
    );
  beforeAll(() => {
    cloud.emulator.administer('POST issuers', { issuer });
    const credential = { appId: cloud.app.appId, name: 'cluster', issuer, subject };
    cloud.emulator.administer('POST apps/federated-credentials', credential);
  });

  test('a workload’s token file is the proof, read each time', async () => {
    const identity = workload(write('token', `${issued()}\n`, 0o644));
    expect(await codeOf(identity.token(inCustomer(), signal(), false))).toBe('OK');
    write('token', issued('system:serviceaccount:default:other'), 0o644);
    expect(await codeOf(identity.token(inCustomer(), signal(), true))).toBe(
      'ProviderFailure FEDERATION_MISMATCH',
    );
  });

  test('a file that holds anything but a token is not sent anywhere', async () => {
    const before = JSON.stringify(cloud.emulator.counters());
    const identity = workload(write('not-a-token', 'root:x:0:0'));
    expect(await codeOf(identity.token(inCustomer(), signal(), false))).toBe('ProviderFailure OUR_IDENTITY');
    expect(JSON.stringify(cloud.emulator.counters())).toBe(before);
  });

  describe('with a managed identity as its source', () => {
    const managed = (identityHeader: string, clientId: string): AzureIdentity =>
      identityIn(
        appsOf(
          [{ clientId: cloud.app.appId, organization: null, source: { kind: 'managed-identity', clientId } }],
          {
            IDENTITY_ENDPOINT: `https://127.0.0.1:${cloud.emulator.port}/msi/token`,
            IDENTITY_HEADER: identityHeader,
          },
        ),
      );
    const made = (tenantId: string, name: string) => {
      const identity = cloud.emulator.administer('POST managed-identities', { tenantId });
      const credential = { appId: cloud.app.appId, name, ...identity.federation };
      cloud.emulator.administer('POST apps/federated-credentials', credential);
      return identity;
    };
    const machineTokens = (): number => cloud.emulator.counters()['identity:Token']?.ok ?? 0;

    test('its token becomes the app’s proof in any tenant, and is kept', async () => {
      const { clientId, identityHeader } = made(cloud.operator.tenantId, 'machine');
      const identity = managed(identityHeader, clientId);
      const before = machineTokens();
      const { token } = await identity.token(inCustomer(), signal(), false);
      expect(decodeJwt(token)).toMatchObject({ appid: cloud.app.appId, tid: cloud.customer.tenantId });
      await identity.token({ cloud: 'public', tenantId: cloud.operator.tenantId }, signal(), false);
      expect(machineTokens() - before).toBe(1);
      await identity.token(inCustomer(), signal(), true);
      expect(machineTokens() - before).toBe(2);
    });

    test('one of another tenant than the app’s is refused', async () => {
      const { clientId, identityHeader } = made(cloud.customer.tenantId, 'foreign');
      const asked = managed(identityHeader, clientId).token(inCustomer(), signal(), false);
      expect(await codeOf(asked)).toBe('ProviderFailure FEDERATION_MISMATCH');
    });

    test('an endpoint that refuses is our identity’s trouble', async () => {
      const { clientId } = made(cloud.operator.tenantId, 'refused');
      const asked = managed('0'.repeat(64), clientId).token(inCustomer(), signal(), false);
      expect(await codeOf(asked)).toBe('ProviderFailure OUR_IDENTITY');
    });
  });
});

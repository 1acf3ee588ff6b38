import { createHash, randomUUID } from 'node:crypto';
import { EmulatorAgent } from '../../../emulators/azure/agent';
import { makeAppCertificate } from '../../../emulators/azure/app-certificate';
import { parseJwt, signJwt } from '../../../emulators/azure/jwt';
import { ask, type Cloud, startCloud } from './cloud';

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const scope = 'https://vault.azure.net/.default';

interface Answered {
  readonly status: number;
  readonly error?: string;
  readonly error_codes?: readonly number[];
  readonly error_description?: string;
  readonly trace_id?: string;
  readonly correlation_id?: string;
  readonly access_token?: string;
}

describe('the token endpoint', () => {
  let now = Date.UTC(2026, 4, 1);
  let cloud: Cloud;
  let tenantId: string;

  beforeAll(async () => {
    cloud = await startCloud({ clock: () => now });
    tenantId = cloud.customer.tenantId;
  });
  afterAll(() => cloud.close());
  beforeEach(() => {
    now = Date.UTC(2026, 4, 1);
  });

  const token = async (
    form: Record<string, string>,
    tenant = tenantId,
    host = 'login.microsoftonline.com',
    headers: Record<string, string> = {},
  ): Promise<Answered> => {
    const { status, body } = await ask(cloud.agent(), `https://${host}/${tenant}/oauth2/v2.0/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      body: new URLSearchParams({ grant_type: 'client_credentials', scope, ...form }).toString(),
    });
    return { status, ...(JSON.parse(body) as object) };
  };
  const seconds = (): number => Math.floor(now / 1000);
  const claims = (more: Record<string, unknown> = {}): Record<string, unknown> => ({
    aud: `https://login.microsoftonline.com/${tenantId}/oauth2/v2.0/token`,
    iss: cloud.app.appId,
    sub: cloud.app.appId,
    jti: randomUUID(),
    nbf: seconds(),
    exp: seconds() + 600,
    ...more,
  });
  const thumbprint = (certificate: string): string => {
    const der = Buffer.from(certificate.replace(/-----[^-]+-----|\s/g, ''), 'base64');
    return createHash('sha1').update(der).digest('base64url');
  };
  const assert = (
    more: Record<string, unknown> = {},
    certificate = cloud.certificate,
    header: Record<string, string> = {},
  ): Promise<Answered> =>
    token({
      client_id: cloud.app.appId,
      client_assertion_type: assertionType,
      client_assertion: signJwt(
        { x5t: thumbprint(certificate.certificate), ...header },
        claims(more),
        certificate.privateKey,
      ),
    });
  const code = async (answer: Promise<Answered>): Promise<unknown> => {
    const { status, error, error_codes } = await answer;
    return [status, error, error_codes?.[0]];
  };

  it('answers a token with the tenant, the app, its object and the audience in it', async () => {
    const { access_token } = await assert();
    expect(parseJwt(access_token ?? '')).toMatchObject({
      header: { alg: 'RS256', typ: 'JWT', kid: expect.any(String) },
      claims: {
        aud: 'https://vault.azure.net',
        iss: `https://sts.windows.net/${tenantId}/`,
        tid: tenantId,
        appid: cloud.app.appId,
        oid: cloud.app.objectId,
        exp: seconds() + 3599,
      },
    });
  });

  it.each([
    ['of another issuer than the app', { sub: 'someone' }, 700021],
    ['for another tenant', { aud: 'https://login.microsoftonline.com/other/oauth2/v2.0/token' }, 700023],
    ['that has ended', { exp: 1 }, 700024],
    ['without an end', { exp: undefined }, 700024],
    ['that has not begun', { nbf: Date.UTC(2026, 4, 1) / 1000 + 3600 }, 700024],
  ])('refuses an assertion %s', async (_name, more, number) => {
    expect(await code(assert(more))).toEqual([401, 'invalid_client', number]);
  });

  it('refuses a certificate that is unknown, expired, or not the one that signed', async () => {
    const month = 30 * 86_400_000;
    const stranger = makeAppCertificate({
      commonName: 'stranger',
      notBefore: now - month,
      notAfter: now + month,
    });
    const unknown = await assert({}, stranger);
    expect([unknown.error, unknown.error_codes]).toEqual(['invalid_client', [700027]]);
    expect(unknown.error_description).toContain('not registered on application');
    const forged = await assert({}, stranger, { x5t: thumbprint(cloud.certificate.certificate) });
    expect(forged.error_codes).toEqual([700027]);
    now += 31 * 86_400_000;
    const expired = await assert();
    expect(expired.error_description).toContain('The key used is expired.');
    expect(await code(assert({ jti: undefined }))).toEqual([400, 'invalid_request', 50027]);
  });

  it('refuses secrets that are wrong or expired, and no proof at all', async () => {
    const client_id = cloud.app.appId;
    const { secretText } = cloud.emulator.administer('POST apps/secrets', {
      appId: client_id,
      expiresAt: now + 1000,
    });
    expect((await token({ client_id, client_secret: secretText })).access_token).toBeDefined();
    expect(await code(token({ client_id, client_secret: 'guessed' }))).toEqual([
      401,
      'invalid_client',
      7000215,
    ]);
    now += 1000;
    expect(await code(token({ client_id, client_secret: secretText }))).toEqual([
      401,
      'invalid_client',
      7000222,
    ]);
    expect(await code(token({ client_id }))).toEqual([401, 'invalid_client', 7000218]);
    expect(
      await code(token({ client_id, client_assertion_type: assertionType, client_assertion: 'x' })),
    ).toEqual([400, 'invalid_request', 50027]);
  });

  it('tells apart: no such tenant, other cloud, app not installed, no principal, scope, resource, grant', async () => {
    const client_id = cloud.app.appId;
    expect(await code(token({ client_id }, 'nobody.example'))).toEqual([400, 'invalid_request', 90002]);
    expect(await code(token({ client_id }, tenantId, 'login.microsoftonline.us'))).toEqual([
      400,
      'invalid_request',
      90002,
    ]);
    expect(await code(token({ client_id: randomUUID() }))).toEqual([400, 'unauthorized_client', 700016]);
    const stranger = cloud.emulator.administer('POST tenants', { name: 'stranger' });
    expect(await code(token({ client_id }, stranger.tenantId))).toEqual([400, 'unauthorized_client', 700016]);
    expect(await code(token({ client_id, scope: 'https://vault.azure.net/' }))).toEqual([
      400,
      'invalid_scope',
      1002012,
    ]);
    expect(await code(token({ client_id, scope: 'https://vault.usgovcloudapi.net/.default' }))).toEqual([
      400,
      'invalid_resource',
      500011,
    ]);
    expect(await code(token({ client_id, grant_type: 'password' }))).toEqual([
      400,
      'unsupported_grant_type',
      70003,
    ]);
    const home = { tenantId: cloud.operator.tenantId, appId: client_id };
    cloud.emulator.administer('DELETE service-principals', home);
    expect(await code(token({ client_id }, home.tenantId))).toEqual([400, 'unauthorized_client', 7000229]);
    cloud.emulator.administer('POST service-principals', home);
  });

  it('refuses a disabled app, and one that Conditional Access blocks', async () => {
    const named = { tenantId, appId: cloud.app.appId };
    cloud.emulator.administer('PATCH service-principals', { ...named, enabled: false });
    expect(await code(assert())).toEqual([400, 'unauthorized_client', 7000112]);
    cloud.emulator.administer('PATCH service-principals', {
      ...named,
      enabled: true,
      blockedByConditionalAccess: true,
    });
    expect(await code(assert())).toEqual([400, 'invalid_grant', 53003]);
    cloud.emulator.administer('PATCH service-principals', { ...named, blockedByConditionalAccess: false });
    expect((await assert()).access_token).toBeDefined();
  });

  describe('federated credentials', () => {
    const issuer = 'https://issuers.azure-emulator.invalid/cluster';
    const present = (jwt: string): Promise<Answered> =>
      token({ client_id: cloud.app.appId, client_assertion_type: assertionType, client_assertion: jwt });
    const outside = (more: object = {}): string =>
      cloud.emulator.administer('POST issuers/tokens', { issuer, subject: 'worker', ...more }).token;

    beforeAll(() => {
      cloud.emulator.administer('POST issuers', { issuer });
      cloud.emulator.administer('POST apps/federated-credentials', {
        appId: cloud.app.appId,
        name: 'cluster',
        issuer,
        subject: 'worker',
      });
    });

    it('match issuer, subject and audience to the letter', async () => {
      expect((await present(outside())).access_token).toBeDefined();
      expect(await code(present(outside({ subject: 'Worker' })))).toEqual([401, 'invalid_client', 700213]);
      expect(await code(present(outside({ audience: 'api://other' })))).toEqual([
        401,
        'invalid_client',
        700212,
      ]);
      const elsewhere = 'https://issuers.azure-emulator.invalid/other';
      cloud.emulator.administer('POST issuers', { issuer: elsewhere });
      expect(await code(present(outside({ issuer: elsewhere })))).toEqual([401, 'invalid_client', 700211]);
    });

    it('are checked: signature, key and time', async () => {
      const good = outside({ lifetimeSeconds: 60 });
      const [header, payload] = good.split('.');
      const forged = signJwt(
        { kid: 'k' },
        JSON.parse(Buffer.from(payload ?? '', 'base64url').toString()),
        cloud.certificate.privateKey,
      );
      expect(await code(present(forged))).toEqual([401, 'invalid_client', 50013]);
      expect(await code(present(`${header}.${payload}.${forged.split('.')[2]}`))).toEqual([
        401,
        'invalid_client',
        50013,
      ]);
      now += 61_000;
      expect(await code(present(good))).toEqual([401, 'invalid_client', 700024]);
    });

    it('a managed identity does not cross tenants', async () => {
      const identity = cloud.emulator.administer('POST managed-identities', { tenantId });
      cloud.emulator.administer('POST apps/federated-credentials', {
        appId: cloud.app.appId,
        name: 'foreign',
        ...identity.federation,
      });
      const { token: jwt } = cloud.emulator.administer('POST managed-identities/tokens', {
        clientId: identity.clientId,
      });
      expect(await code(present(jwt))).toEqual([400, 'unauthorized_client', 700236]);
    });
  });

  it('gives each refusal a trace id and the caller’s correlation id', async () => {
    const correlation = randomUUID();
    const refused = await token({ client_id: 'x' }, tenantId, undefined, {
      'client-request-id': correlation,
    });
    expect(refused).toMatchObject({
      correlation_id: correlation,
      trace_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(refused.error_description).toMatch(
      /^AADSTS700016: .* Trace ID: .* Correlation ID: .* Timestamp: /,
    );
  });

  it('is found by discovery, whose keys verify its tokens', async () => {
    const get = async (url: string): Promise<Record<string, unknown>> =>
      JSON.parse((await ask(cloud.agent(), url)).body) as Record<string, unknown>;
    const base = `https://login.microsoftonline.com/${tenantId}`;
    const found = await get(`${base}/v2.0/.well-known/openid-configuration`);
    expect(found).toMatchObject({
      issuer: `${base}/v2.0`,
      token_endpoint: `${base}/oauth2/v2.0/token`,
      jwks_uri: `${base}/discovery/v2.0/keys`,
    });
    const { keys } = (await get(String(found['jwks_uri']))) as { keys: { kid: string }[] };
    expect(keys[0]?.kid).toBe(parseJwt((await assert()).access_token ?? '')?.header['kid']);
    expect(
      await get(
        'https://login.microsoftonline.com/common/discovery/instance?api-version=1.1&authorization_endpoint=https://login.microsoftonline.com/common/oauth2/v2.0/authorize',
      ),
    ).toMatchObject({
      metadata: expect.arrayContaining([
        expect.objectContaining({ preferred_network: 'login.microsoftonline.com' }),
      ]),
    });
    expect(
      await get('https://login.microsoftonline.com/nobody/v2.0/.well-known/openid-configuration'),
    ).toMatchObject({
      error: 'invalid_tenant',
      error_codes: [90002],
    });
  });

  it('a managed identity gets its token where App Service offers it, and nobody else does', async () => {
    const identity = cloud.emulator.administer('POST managed-identities', { tenantId });
    const url = `https://localhost/msi/token?api-version=2019-08-01&resource=${encodeURIComponent('https://vault.azure.net')}&client_id=${identity.clientId}`;
    const agent = cloud.agent();
    await expect(ask(agent, url)).rejects.toMatchObject({ code: 'ENOTFOUND' });
    const direct = `${cloud.emulator.url}${url.slice('https://localhost'.length)}`;
    const home = new EmulatorAgent({ url: cloud.emulator.url, ca: cloud.emulator.ca, resolves: () => true });
    expect((await ask(home, direct)).status).toBe(401);
    const answered = await ask(home, direct, { headers: { 'x-identity-header': identity.identityHeader } });
    const { access_token } = JSON.parse(answered.body) as { access_token: string };
    expect(parseJwt(access_token)?.claims).toMatchObject({ oid: identity.principalId, tid: tenantId });
    home.destroy();
  });
});

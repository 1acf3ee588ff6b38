import type { HttpClient, PipelineRequest } from '@azure/core-rest-pipeline';
import { createHttpHeaders } from '@azure/core-rest-pipeline';
import { CryptographyClient, KeyClient } from '@azure/keyvault-keys';
import { useKey } from '../../providers/azure-key-vault/client';
import { keyUseOnly, RequestNotAllowed } from '../../providers/azure-key-vault/least-privilege';

const endpoint = 'https://contoso.vault.azure.net';
const name = 'smsk-0123456789abcdef0123';
const version = '0123456789abcdef0123456789abcdef';
const key = `${endpoint}/keys/${name}`;
const never = new AbortController().signal;

/** A vault that answers whatever is asked, and notes it. */
class Answering implements HttpClient {
  readonly requests: { method: string; url: string; token: string | undefined; body: string }[] = [];
  constructor(
    readonly status = 200,
    readonly answer: object = { kid: `${key}/${version}`, value: Buffer.alloc(256).toString('base64url') },
    readonly headers: Record<string, string> = {},
  ) {}
  async sendRequest(request: PipelineRequest) {
    const { method, url, body } = request;
    this.requests.push({ method, url, token: request.headers.get('authorization'), body: String(body) });
    const headers = createHttpHeaders({ 'content-type': 'application/json', ...this.headers });
    return { request, status: this.status, headers, bodyAsText: JSON.stringify(this.answer) };
  }
}
const through = (httpClient: HttpClient) => ({ azure: () => ({ endpoint, httpClient }) });

describe('with the policy in place, the SDK can’t send', () => {
  const vault = new Answering();
  const options = {
    httpClient: vault,
    retryOptions: { maxRetries: 0 },
    additionalPolicies: [
      { position: 'perRetry' as const, policy: keyUseOnly({ endpoint, name, version: null }) },
    ],
  };
  const credential = { getToken: async () => ({ token: 't', expiresOnTimestamp: Date.now() + 3_600_000 }) };
  const keys = new KeyClient(endpoint, credential, options);
  const crypto = (id: string) => new CryptographyClient(id, credential, options);
  const stub = new CryptographyClient(
    { id: key, name, properties: { id: key, name, vaultUrl: endpoint } },
    credential,
    options,
  );
  const one = Buffer.from([1]);
  test.each<[string, () => Promise<unknown>]>([
    ['a get', () => keys.getKey(name)],
    ['a create', () => keys.createKey(name, 'RSA')],
    ['an import', () => keys.importKey(name, { kty: 'RSA' })],
    ['a delete', () => keys.beginDeleteKey(name)],
    ['a rotation', () => keys.rotateKey(name)],
    ['an update', () => keys.updateKeyProperties(name, version, {})],
    ['a backup', () => keys.backupKey(name)],
    ['a purge', () => keys.purgeDeletedKey(name)],
    ['encrypt', () => stub.encrypt('RSA-OAEP-256', one)],
    ['decrypt', () => stub.decrypt('RSA-OAEP-256', one)],
    ['sign', () => stub.sign('RS256', Buffer.alloc(32))],
    ['verify', () => stub.verify('RS256', Buffer.alloc(32), Buffer.alloc(256))],
    ['the GET that a plain key id begins with', () => crypto(key).wrapKey('RSA-OAEP-256', one)],
  ])('%s', async (_name, send) => {
    await expect(send()).rejects.toBeInstanceOf(RequestNotAllowed);
    expect(vault.requests).toEqual([]);
  });
});

describe('of URLs', () => {
  const policy = (versioned: boolean) => keyUseOnly({ endpoint, name, version: versioned ? version : null });
  const passes = async (method: string, url: string, versioned: boolean): Promise<boolean> => {
    try {
      const request = { method, url } as unknown as PipelineRequest;
      await policy(versioned).sendRequest(request, async () => ({}) as never);
      return true;
    } catch (error) {
      if (error instanceof RequestNotAllowed) return false;
      throw error;
    }
  };
  const query = '?api-version=2025-07-01';
  test.each([
    [`${key}/${version}/unwrapkey${query}`, true],
    [`${key}/${version}/wrapkey?api%2Dversion=7.6`, true],
    [`${key}//wrapkey${query}`, false],
    [`${key}/wrapkey${query}`, false],
  ])('%s passes', async (url, versioned) => {
    expect(await passes('POST', url, versioned)).toBe(true);
    expect(await passes('GET', url, versioned)).toBe(false);
    expect(await passes('POST', url, !versioned)).toBe(false);
  });
  test.each([
    `https://contosa.vault.azure.net/keys/${name}/${version}/unwrapkey${query}`,
    `http://contoso.vault.azure.net/keys/${name}/${version}/unwrapkey${query}`,
    `${endpoint}:444/keys/${name}/${version}/unwrapkey${query}`,
    `${endpoint}.evil.example/keys/${name}/${version}/unwrapkey${query}`,
    `${endpoint}@evil.example/keys/${name}/${version}/unwrapkey${query}`,
    `${endpoint}/keys/other/${version}/unwrapkey${query}`,
    `${endpoint}/keys/${name}/${'0'.repeat(32)}/unwrapkey${query}`,
    `${key}/${version}/decrypt${query}`,
    `${key}/${version}/unwrapkey/../decrypt${query}`,
    `${key}/${version}/unwrapkey`,
    `${key}/${version}/unwrapkey${query}&x=y`,
    `${key}/${version}/unwrapkey${query}#x`,
    `${key}/${version}%2funwrapkey${query}`,
    `${endpoint}/secrets/${name}/${version}${query}`,
  ])('%s doesn’t', async (url) => {
    expect(await passes('POST', url, true)).toBe(false);
  });
});

describe('our own client', () => {
  const use = { use: 'wrapKey', key, version: null, token: 'our-token' } as const;

  test('sends one request, with our token and the body, and no tokenless one before it', async () => {
    const vault = new Answering();
    const bytes = Buffer.alloc(65, 7);
    await useKey(through(vault), use, bytes, never);
    await useKey(through(vault), { ...use, use: 'unwrapKey', version }, bytes, never);
    expect(vault.requests.map(({ method, token }) => `${method} ${token}`)).toEqual([
      'POST Bearer our-token',
      'POST Bearer our-token',
    ]);
    for (const { body } of vault.requests)
      expect(JSON.parse(body)).toEqual({ alg: 'RSA-OAEP-256', value: bytes.toString('base64url') });
  });

  test('answers no challenge, whomever it names', async () => {
    const challenge =
      'Bearer authorization="https://login.evil.example/72f988bf-86f1-41af-91ab-2d7cd011db47", resource="https://vault.azure.net"';
    const vault = new Answering(401, {}, { 'www-authenticate': challenge });
    await expect(useKey(through(vault), use, Buffer.alloc(65), never)).rejects.toMatchObject({ status: 401 });
    expect(vault.requests).toHaveLength(1);
  });

  test.each([
    [500, {}],
    [429, { 'retry-after': '0' }],
    [503, { 'retry-after-ms': '0' }],
    [302, { location: `${key}/wrapkey` }],
    [307, { location: 'https://evil.example/' }],
  ])('neither repeats nor follows a %i', async (status, headers) => {
    const vault = new Answering(status, {}, headers);
    await expect(useKey(through(vault), use, Buffer.alloc(65), never)).rejects.toMatchObject({ status });
    expect(vault.requests).toHaveLength(1);
  });
});

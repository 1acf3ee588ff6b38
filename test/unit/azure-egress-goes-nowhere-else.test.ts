import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:https';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import {
  createHttpHeaders,
  createPipelineFromOptions,
  createPipelineRequest,
  type PipelineRequest,
} from '@azure/core-rest-pipeline';
import { makeTlsMaterial } from '../../emulators/azure/tls/authority';
import { createEgress, type Egress } from '../../providers/egress/egress';
import type { Resolve } from '../../providers/egress/guarded-agent';

const HOST = 'acme-keys.vault.azure.net';
const nameOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'succeeded',
    (error: Error & { code?: string }) =>
      error.code === undefined ? error.name : `${error.name} ${error.code}`,
  );
const answering =
  (...addresses: string[]): Resolve =>
  async () =>
    addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
const post = (url: string, more: Partial<PipelineRequest> = {}): PipelineRequest =>
  createPipelineRequest({ url, method: 'POST', body: '{}', ...more });
const send = (egress: Egress, request: PipelineRequest): Promise<unknown> =>
  egress.azure(HOST).httpClient.sendRequest(request);

describe('hosts are computed', () => {
  const egress = createEgress({ mode: 'production' });
  afterAll(() => egress.close());
  test.each([
    HOST,
    'abc.vault.usgovcloudapi.net',
    'a1-b2.vault.azure.cn',
    'login.microsoftonline.com',
    'login.microsoftonline.us',
    'login.chinacloudapi.cn',
  ])('%s', (host) => {
    expect(egress.azure(host).endpoint).toBe(`https://${host}`);
  });
  test.each([
    '',
    'vault.azure.net',
    '.vault.azure.net',
    'ab.vault.azure.net',
    'Acme-keys.vault.azure.net',
    'acme-keys.vault.azure.net.',
    'acme-keys.vault.azure.net:8443',
    'acme-keys.vault.azure.net.evil.example',
    'acme-keys.evil.example#.vault.azure.net',
    'a.b.vault.azure.net',
    'evil.example/acme-keys.vault.azure.net',
    'u@acme-keys.vault.azure.net',
    'acme-keys.managedhsm.azure.net',
    'acme--keys.vault.azure.net',
    'acme-keys-.vault.azure.net',
    'acme_keys.vault.azure.net',
    'login.windows.net',
    'login.microsoftonline.com.evil.example',
    'evil-login.microsoftonline.com',
    '127.0.0.1',
    '169.254.169.254',
    'localhost',
    'constructor',
  ])('no way to %p', (host) => {
    expect(() => egress.azure(host)).toThrow('host not allowed');
  });
});

describe('connections', () => {
  test.each([
    [['127.0.0.1']],
    [['169.254.169.254']],
    [['168.63.129.16', '10.0.0.4']],
    [['::1']],
    [['::ffff:127.0.0.1']],
    [['100.64.0.1']],
    [['20.50.1.1', '10.0.0.1']],
    [[]],
  ])('a name that leads to %j is HOST_NOT_ALLOWED before anything is sent', async (addresses) => {
    const egress = createEgress({ mode: 'production', resolve: answering(...addresses) });
    expect(await nameOf(send(egress, post(`https://${HOST}/keys`)))).toBe('HostNotAllowed');
    egress.close();
  });

  test('a name that doesn’t resolve is a failed connection, by its code', async () => {
    const resolve: Resolve = () => Promise.reject(Object.assign(new Error('x'), { code: 'ENOTFOUND' }));
    const egress = createEgress({ mode: 'production', resolve });
    expect(await nameOf(send(egress, post(`https://${HOST}/keys`)))).toBe('TransportFailed ENOTFOUND');
    egress.close();
  });
});

describe('with a server that answers anything', () => {
  const tls = makeTlsMaterial(randomBytes);
  const hits: string[] = [];
  const inside = createTcpServer((socket) => {
    hits.push('INSIDE');
    socket.on('error', () => {}).destroy();
  });
  let server: Server;
  let egress: Egress;
  let answer: { status: number; headers: Record<string, string> } = { status: 200, headers: {} };
  const known = new Set([HOST, 'login.microsoftonline.com']);

  beforeAll(async () => {
    server = createServer({ cert: tls.certificate, key: tls.privateKey }, (request, response) => {
      const url = new URL(request.url ?? '', 'https://emulator');
      if (url.pathname === '/_emulator/dns') {
        const addresses = known.has(url.searchParams.get('name') ?? '') ? ['127.0.0.1'] : [];
        response.end(JSON.stringify({ addresses }));
        return;
      }
      const { servername } = request.socket as typeof request.socket & { servername?: string };
      hits.push(`${request.method} ${servername} ${request.headers.host} ${request.url}`);
      request.resume();
      if (request.url === '/hang') return;
      if (request.url === '/long') response.end(Buffer.alloc(2 << 20));
      else response.writeHead(answer.status, answer.headers).end('{"ok":true}');
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    await new Promise<void>((done) => inside.listen(0, '127.0.0.1', done));
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    egress = createEgress({ mode: 'development', emulators: { azure: { url, ca: tls.ca } } });
  });
  afterAll(async () => {
    egress.close();
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
    await new Promise((done) => inside.close(done));
  });
  beforeEach(() => {
    hits.length = 0;
    answer = { status: 200, headers: {} };
  });
  const insideUrl = (): string => `https://127.0.0.1:${(inside.address() as AddressInfo).port}/`;

  test('a request arrives under the name it was for, and its answer comes back', async () => {
    answer = { status: 401, headers: { 'www-authenticate': 'Bearer x' } };
    const { httpClient, endpoint } = egress.azure(HOST);
    const response = await httpClient.sendRequest(post(`${endpoint}/keys/k/wrapkey?api-version=7.6`));
    expect(response).toMatchObject({ status: 401, bodyAsText: '{"ok":true}' });
    expect(response.headers.get('WWW-Authenticate')).toBe('Bearer x');
    expect(hits).toEqual([`POST ${HOST} ${HOST} /keys/k/wrapkey?api-version=7.6`]);
  });

  test('neither Host header nor overrides, proxies, agents or TLS settings of the pipeline count', async () => {
    const request = post(`https://${HOST}/keys`, {
      headers: createHttpHeaders({ Host: 'other-keys.vault.azure.net' }),
      proxySettings: { host: 'http://127.0.0.1', port: (inside.address() as AddressInfo).port },
      requestOverrides: {
        host: '127.0.0.1',
        port: (inside.address() as AddressInfo).port,
        path: '/elsewhere',
      },
      tlsSettings: { ca: 'none' },
      allowInsecureConnection: true,
    });
    expect(await nameOf(send(egress, request))).toBe('succeeded');
    expect(hits).toEqual([`POST ${HOST} ${HOST} /keys`]);
  });

  test('the SDK’s own pipeline takes no proxy from the environment', async () => {
    const before = process.env.HTTPS_PROXY;
    process.env.HTTPS_PROXY = insideUrl();
    try {
      const pipeline = createPipelineFromOptions({ retryOptions: { maxRetries: 0 } });
      const { httpClient } = egress.azure(HOST);
      await pipeline.sendRequest(httpClient, post(`https://${HOST}/keys`));
      expect(hits).toEqual([`POST ${HOST} ${HOST} /keys`]);
    } finally {
      if (before === undefined) delete process.env.HTTPS_PROXY;
      else process.env.HTTPS_PROXY = before;
    }
  });

  test.each([300, 301, 302, 303, 307, 308])('a %i is an answer, not a way', async (status) => {
    const pipeline = createPipelineFromOptions({
      retryOptions: { maxRetries: 0 },
      redirectOptions: { allowCrossOriginRedirects: true },
    });
    const { httpClient } = egress.azure(HOST);
    for (const location of [
      insideUrl(),
      '/elsewhere',
      `https://${HOST}/elsewhere`,
      'http://169.254.169.254/',
    ]) {
      answer = { status, headers: { location } };
      const response = await pipeline.sendRequest(httpClient, post(`https://${HOST}/keys`));
      expect(response.status).toBe(status);
    }
    expect(hits).toEqual(Array(4).fill(`POST ${HOST} ${HOST} /keys`));
  });

  test.each([
    `http://${HOST}/keys`,
    `https://${HOST}:8443/keys`,
    `https://${HOST}:443/keys`,
    `https://u:p@${HOST}/keys`,
    `https://other-keys.vault.azure.net/keys`,
    `https://${HOST}/keys/../secrets/x`,
    `https://${HOST}/keys/%2e%2e/secrets`,
    `https://${HOST}\\@evil.example/keys`,
    `https://${HOST}/ke\tys`,
    `https:/${HOST}/keys`,
    `HTTPS://${HOST}/keys`,
    `https://${HOST}/keys#x`,
    `https://${HOST}`,
    'file:///etc/passwd',
    '/keys',
    '',
  ])('a client of one host sends nothing to %p', async (url) => {
    expect(await nameOf(send(egress, post(url)))).toBe('HostNotAllowed');
    expect(hits).toEqual([]);
  });

  test('a name the emulator doesn’t know fails as a resolver would say it', async () => {
    const { httpClient, endpoint } = egress.azure('not-there.vault.azure.net');
    expect(await nameOf(httpClient.sendRequest(post(`${endpoint}/keys`)))).toBe('TransportFailed ENOTFOUND');
    expect(hits).toEqual([]);
  });

  test('the emulator’s authority is trusted for Azure’s hosts alone, and nobody else’s there', async () => {
    const port = (server.address() as AddressInfo).port;
    const url = `https://127.0.0.1:${port}`;
    const other = makeTlsMaterial(randomBytes).ca;
    const mistrusting = createEgress({ mode: 'development', emulators: { azure: { url, ca: other } } });
    expect(await nameOf(send(mistrusting, post(`https://${HOST}/keys`)))).toMatch(/^TransportFailed/);
    mistrusting.close();
    expect(hits).toEqual([]);
  });

  test('connections are used again, except by an isolated egress', async () => {
    const ports: (number | undefined)[] = [];
    const note = (request: { socket: { remotePort?: number | undefined } }): void => {
      ports.push(request.socket.remotePort);
    };
    await send(egress, post(`https://${HOST}/keys`));
    server.on('request', note);
    await send(egress, post(`https://${HOST}/keys`));
    await send(egress, post(`https://${HOST}/keys`));
    expect(ports).toHaveLength(2);
    expect(ports[0]).toBe(ports[1]);
    const alone = egress.isolated();
    await send(alone, post(`https://${HOST}/keys`));
    expect(ports.at(-1)).not.toBe(ports[0]);
    alone.close();
    server.off('request', note);
  });

  test('an abort ends the request, and an endless answer is cut off', async () => {
    const abort = new AbortController();
    server.once('request', () => abort.abort());
    const hanging = send(egress, post(`https://${HOST}/hang`, { abortSignal: abort.signal }));
    expect(await nameOf(hanging)).toBe('AbortError');
    const early = send(egress, post(`https://${HOST}/keys`, { abortSignal: AbortSignal.abort() }));
    expect(await nameOf(early)).toBe('AbortError');
    expect(await nameOf(send(egress, post(`https://${HOST}/long`)))).toBe('TransportFailed UNKNOWN');
  });

  test('what fails carries neither the request nor the connection’s own words', async () => {
    const token = 'eyJhbGciOiJub25lIn0.e30.';
    const request = post(`https://not-there.vault.azure.net/keys`, {
      headers: createHttpHeaders({ authorization: `Bearer ${token}` }),
    });
    const { httpClient } = egress.azure('not-there.vault.azure.net');
    const error: unknown = await httpClient.sendRequest(request).catch((raw: unknown) => raw);
    expect(Object.keys(error as object).sort()).toEqual(['code', 'name']);
    expect((error as Error).stack).not.toContain(token);
  });
});

describe('development', () => {
  test.each([
    'http://127.0.0.1:1',
    'https://127.0.0.1',
    'https://localhost:1',
    'https://10.0.0.1:1',
    'https://127.0.0.1:1/',
    'https://127.0.0.1:1/x',
    'https://u@127.0.0.1:1',
    'https://127.1:1',
    'rubbish',
  ])('not an emulator endpoint: %s', (url) => {
    const emulators = { azure: { url, ca: '' } };
    expect(() => createEgress({ mode: 'development', emulators })).toThrow('emulator endpoint');
  });

  test('production takes no emulator endpoint', () => {
    const smuggled = {
      mode: 'production',
      emulators: { azure: { url: 'https://127.0.0.1:1', ca: '' } },
    } as const;
    expect(() => createEgress(smuggled)).toThrow('development mode only');
  });
});

import { randomBytes } from 'node:crypto';
import { createServer as createHttpServer, type Server } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { EncryptCommand, KMSClient } from '@aws-sdk/client-kms';
import { makeTlsMaterial } from '../../emulators/azure/tls/authority';
import { isPublicAddress } from '../../providers/egress/address';
import { createEgress, type Egress } from '../../providers/egress/egress';
import { GuardedAgent, type Resolve } from '../../providers/egress/guarded-agent';

const credentials = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'x'.repeat(40) };
const encrypt = new EncryptCommand({ KeyId: 'alias/x', Plaintext: new Uint8Array(1) });

function clientOf(egress: Egress, region = 'eu-central-1'): KMSClient {
  return new KMSClient({ ...egress.aws('kms', region), region, credentials, maxAttempts: 1 });
}
const nameOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'succeeded',
    (error: Error) => error.name,
  );
const answering =
  (...addresses: string[]): Resolve =>
  async () =>
    addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));

describe('which addresses are public', () => {
  test.each([
    '127.0.0.1',
    '127.255.0.1',
    '0.0.0.0',
    '10.1.2.3',
    '172.16.0.1',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '192.0.2.1',
    '198.18.0.1',
    '240.0.0.1',
    '192.88.99.1',
    '::',
    '::1',
    'fe80::1',
    'fc00::1',
    'fd00:ec2::254',
    'ff02::1',
    '::ffff:127.0.0.1',
    '::ffff:8.8.8.8',
    '::127.0.0.1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    '2001::1',
    '2001:db8::1',
    'fec0::1',
    '4000::1',
    'fe80::1%eth0',
    '',
    'localhost',
  ])('refused: %s', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });
  test.each(['3.5.140.2', '52.94.76.1', '2600:1f14::1', '2a05:d014::1'])('allowed: %s', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });
});

describe('endpoints are computed', () => {
  const egress = createEgress({ mode: 'production' });
  afterAll(() => egress.close());
  test.each([
    ['kms', 'eu-central-1', 'https://kms.eu-central-1.amazonaws.com'],
    ['sts', 'eu-central-1', 'https://sts.eu-central-1.amazonaws.com'],
    ['sts', 'us-gov-west-1', 'https://sts.us-gov-west-1.amazonaws.com'],
    ['kms', 'cn-north-1', 'https://kms.cn-north-1.amazonaws.com.cn'],
  ] as const)('%s in %s', (service, region, endpoint) => {
    expect(egress.aws(service, region).endpoint).toBe(endpoint);
  });
  test.each(['nowhere-1', 'eu-central-1.evil.example/', ''])('no endpoint for region %p', (region) => {
    expect(() => egress.aws('kms', region)).toThrow('host not allowed');
  });
});

describe('connections', () => {
  let reached = 0;
  const inside = createServer((socket) => {
    reached += 1;
    socket.on('error', () => {}).resume();
  });
  beforeAll(() => new Promise<void>((done) => inside.listen(0, '127.0.0.1', done)));
  afterAll(() => new Promise((done) => inside.close(done)));
  beforeEach(() => {
    reached = 0;
  });

  test.each([[['127.0.0.1']], [['169.254.169.254']], [['::1']], [['3.5.140.2', '10.0.0.1']], [[]]])(
    'a name that leads to %j is HOST_NOT_ALLOWED before anything is sent',
    async (addresses) => {
      const egress = createEgress({ mode: 'production', resolve: answering(...addresses) });
      expect(await nameOf(clientOf(egress).send(encrypt))).toBe('HostNotAllowed');
      egress.close();
    },
  );

  test('a name that doesn’t resolve is a failed connection', async () => {
    const resolve: Resolve = () => Promise.reject(Object.assign(new Error('x'), { code: 'ENOTFOUND' }));
    const egress = createEgress({ mode: 'production', resolve });
    await expect(clientOf(egress).send(encrypt)).rejects.toMatchObject({
      name: 'TransportFailed',
      code: 'ENOTFOUND',
    });
    egress.close();
  });

  test('DNS that rebinds gets no second chance: the checked answer is the one connected to', async () => {
    let asked = 0;
    const rebinding: Resolve = async () => [
      { address: asked++ === 0 ? '203.0.113.1' : '127.0.0.1', family: 4 },
    ];
    const judged: string[] = [];
    const allows = (address: string) => {
      judged.push(address);
      return address === '203.0.113.1';
    };
    const agent = new GuardedAgent(rebinding, allows);
    const { port } = inside.address() as AddressInfo;
    // The second connection gets the inside address, as an attacker's DNS would time it.
    await rebinding('');
    await expect(connect(agent, port)).rejects.toThrow('host not allowed');
    expect(judged).toEqual(['127.0.0.1']);
    expect(reached).toBe(0);
    agent.destroy();
  });

  test('the connected address is judged again, should the lookup have been passed by', async () => {
    const judged: string[] = [];
    // An address in the place of a name: Node connects without asking any lookup.
    const agent = new GuardedAgent(answering(), (address) => {
      judged.push(address);
      return false;
    });
    const { port } = inside.address() as AddressInfo;
    await expect(connect(agent, port, '127.0.0.1')).rejects.toThrow('host not allowed');
    expect(judged).toEqual(['127.0.0.1']);
    agent.destroy();
  });

  test('TLS trusts the built-in roots, and none that the machine adds', async () => {
    const tls = makeTlsMaterial(randomBytes);
    const options = { cert: tls.certificate, key: tls.privateKey };
    let secured = 0;
    const server = createTlsServer(options, () => {
      secured += 1;
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as AddressInfo;
    const agent = new GuardedAgent(answering('127.0.0.1'), () => true);
    await expect(connect(agent, port, 'acme-keys.vault.azure.net')).rejects.toMatchObject({
      code: expect.stringMatching(/UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER_CERT_LOCALLY/),
    });
    expect(secured).toBe(0);
    const trusting = new GuardedAgent(answering('127.0.0.1'), () => true, { port, ca: tls.ca });
    await connect(trusting, 443, 'acme-keys.vault.azure.net');
    agent.destroy();
    trusting.destroy();
    await new Promise((done) => server.close(done));
  });

  test('TLS before 1.2 is not spoken', async () => {
    const tls = makeTlsMaterial(randomBytes);
    const options = {
      cert: tls.certificate,
      key: tls.privateKey,
      maxVersion: 'TLSv1.1',
      minVersion: 'TLSv1',
    } as const;
    const server = createTlsServer({ ...options, ciphers: 'DEFAULT@SECLEVEL=0' });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as AddressInfo;
    const agent = new GuardedAgent(answering('127.0.0.1'), () => true, { port, ca: tls.ca });
    await expect(connect(agent, 443, 'acme-keys.vault.azure.net')).rejects.toMatchObject({
      code: expect.stringMatching(/PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL|ECONNRESET/),
    });
    agent.destroy();
    await new Promise((done) => server.close(done));
  });
});

function connect(agent: GuardedAgent, port: number, host = 'kms.eu-central-1.amazonaws.com'): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = agent.createConnection({ host, port, servername: host, ...agent.options });
    socket?.once('secureConnect', () => {
      socket.destroy();
      resolve();
    });
    socket?.once('error', reject);
  });
}

describe('development', () => {
  const hits: string[] = [];
  let server: Server;
  let url = '';
  beforeAll(async () => {
    server = createHttpServer((request, response) => {
      hits.push(`${request.socket.remotePort} ${request.headers.host} ${request.url}`);
      request.resume();
      const { port } = server.address() as AddressInfo;
      response.writeHead(307, { location: `http://127.0.0.1:${port}/elsewhere` }).end();
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    return new Promise((done) => server.close(done));
  });
  beforeEach(() => {
    hits.length = 0;
  });

  test('redirects are not followed, and connections are used again', async () => {
    const egress = createEgress({ mode: 'development', emulators: { aws: url } });
    expect(await nameOf(clientOf(egress).send(encrypt))).not.toBe('succeeded');
    expect(await nameOf(clientOf(egress, 'us-east-1').send(encrypt))).not.toBe('succeeded');
    expect(hits).toHaveLength(2);
    expect(hits.some((hit) => hit.endsWith('/elsewhere'))).toBe(false);
    expect(hits[0]).toBe(hits[1]);
    const alone = egress.isolated();
    await nameOf(clientOf(alone).send(encrypt));
    expect(hits[2]).not.toBe(hits[0]);
    alone.close();
    egress.close();
  });

  test('a handler refuses every origin but its own', async () => {
    const egress = createEgress({ mode: 'development', emulators: { aws: url } });
    for (const endpoint of ['http://127.0.0.1:9', 'http://localhost:80', 'https://127.0.0.1']) {
      const { requestHandler } = egress.aws('kms', 'eu-central-1');
      const client = new KMSClient({
        region: 'eu-central-1',
        endpoint,
        requestHandler,
        credentials,
        maxAttempts: 1,
      });
      expect([endpoint, await nameOf(client.send(encrypt))]).toEqual([endpoint, 'HostNotAllowed']);
    }
    expect(hits).toHaveLength(0);
    egress.close();
  });

  test.each([
    'https://127.0.0.1:1',
    'http://127.0.0.1',
    'http://localhost:1',
    'http://10.0.0.1:1',
    'http://127.0.0.1:1/x',
    'http://u@127.0.0.1:1',
    'rubbish',
  ])('not an emulator endpoint: %s', (aws) => {
    expect(() => createEgress({ mode: 'development', emulators: { aws } })).toThrow('emulator endpoint');
  });

  test('production takes no emulator endpoint', () => {
    const smuggled = { mode: 'production', emulators: { aws: url } } as const;
    expect(() => createEgress(smuggled)).toThrow('development mode only');
  });
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { temporalTarget } from '../../runtime/temporal';

const BY_PROFILE = { address: null, namespace: null };

describe('where Temporal is, for client and worker alike', () => {
  let folder = '';
  let file = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'smsk-temporal-'));
    file = join(folder, 'temporal.toml');
    for (const name of ['client.pem', 'client.key', 'ca.pem']) writeFileSync(join(folder, name), name);
    writeFileSync(
      file,
      `[profile.default]
address = "127.0.0.1:7233"

[profile.mutual]
address = "temporal.example.com:7233"
namespace = "custody"
[profile.mutual.tls]
client_cert_path = "${join(folder, 'client.pem')}"
client_key_path = "${join(folder, 'client.key')}"
server_ca_cert_path = "${join(folder, 'ca.pem')}"
server_name = "temporal.internal"

[profile.cloud]
address = "eu.api.temporal.io:7233"
namespace = "custody.a1b2c"
api_key = "not-a-real-key"
[profile.cloud.grpc_meta]
x-team = "keys"
`,
    );
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const target = (env: Record<string, string>, config: Partial<Parameters<typeof temporalTarget>[0]> = {}) =>
    temporalTarget({ ...BY_PROFILE, ...config }, { TEMPORAL_CONFIG_FILE: file, ...env });

  test('a profile with mutual TLS', () => {
    const { namespace, connection } = target({ TEMPORAL_PROFILE: 'mutual' });
    expect(namespace).toBe('custody');
    expect(connection.address).toBe('temporal.example.com:7233');
    const tls = connection.tls;
    if (typeof tls !== 'object' || tls === null) throw new Error('expected TLS');
    const text = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString();
    expect(tls.serverNameOverride).toBe('temporal.internal');
    expect(text(tls.serverRootCACertificate)).toBe('ca.pem');
    expect(text(tls.clientCertPair?.crt)).toBe('client.pem');
    expect(text(tls.clientCertPair?.key)).toBe('client.key');
  });

  test('a profile with an API key, which implies TLS', () => {
    expect(target({ TEMPORAL_PROFILE: 'cloud' })).toEqual({
      namespace: 'custody.a1b2c',
      connection: {
        address: 'eu.api.temporal.io:7233',
        apiKey: 'not-a-real-key',
        tls: true,
        metadata: { 'x-team': 'keys' },
      },
    });
  });

  test('without a profile named, the default one', () => {
    expect(target({})).toEqual({ namespace: 'default', connection: { address: '127.0.0.1:7233' } });
  });

  test('variables count before the file, and without one', () => {
    expect(target({ TEMPORAL_PROFILE: 'cloud', TEMPORAL_NAMESPACE: 'other' }).namespace).toBe('other');
    const env = {
      TEMPORAL_ADDRESS: 'temporal.example.com:7233',
      TEMPORAL_TLS: 'true',
      XDG_CONFIG_HOME: folder,
    };
    expect(temporalTarget(BY_PROFILE, env).connection).toMatchObject({
      address: 'temporal.example.com:7233',
      tls: {},
    });
  });

  test('the configuration’s own address and namespace count before all of it', () => {
    const address = 'localhost:7233';
    expect(target({ TEMPORAL_PROFILE: 'cloud' }, { address })).toEqual({
      namespace: 'default',
      connection: { address },
    });
    expect(target({ TEMPORAL_PROFILE: 'cloud' }, { namespace: 'mine' }).namespace).toBe('mine');
  });

  test.each([
    [
      'a file that isn’t there',
      { TEMPORAL_CONFIG_FILE: '/nonexistent/temporal.toml' },
      /there is no \/nonexistent/,
    ],
    ['an unknown profile', { TEMPORAL_PROFILE: 'clowd' }, /clowd/],
    ['no address anywhere', { TEMPORAL_ADDRESS: '' }, /TEMPORAL_ADDRESS/],
  ])('%s is said, and never means plaintext to localhost', (_, env, why) => {
    expect(() => target(env)).toThrow(why);
  });

  test('a misspelt member is named; a broken file is told without a line of it', () => {
    writeFileSync(file, '[profile.default]\naddres = "x"\n');
    expect(() => target({})).toThrow('addres');
    writeFileSync(file, '[profile.default]\napi_key = "not-a-real-key\n');
    expect(() => target({})).toThrow(/^Temporal’s configuration file isn’t TOML at line \d+$/);
  });
});

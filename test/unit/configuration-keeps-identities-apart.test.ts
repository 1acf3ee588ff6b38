import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfiguration } from '../../runtime/config';

const role = (name: string, account = '999900001111') => ({
  kind: 'role',
  arn: `arn:aws:iam::${account}:role/${name}`,
});
const key = { kty: 'OKP', crv: 'Ed25519', x: 'x', kid: 'k' };
const temporal = {
  address: null,
  uiUrl: null,
  codec: { keys: [{ id: 'first', file: 'codec.key' }] },
};
const production = {
  deployment: 'novantra',
  mode: 'production',
  databaseUrlFile: 'database.url',
  temporal,
  signer: {
    socket: 'signer.sock',
    tokenFile: 'signer.token',
    readerTokenFile: 'reader.token',
    keysDir: 'signer',
  },
  trust: { orderIssuer: { issuer: 'commerce', keys: [key] }, actorKeys: [key], custodyKeys: [key] },
  api: {
    host: '0.0.0.0',
    port: 8080,
    url: 'https://keys.example.com',
    actorKeyFile: 'actor.pem',
    actorKid: 'k',
  },
  workers: { healthHost: '0.0.0.0', custodyPort: 9101, platformPort: 9102 },
  aws: { identity: role('smsk-principal'), emulatorUrl: null },
  platform: { region: 'eu-central-1', content: role('smsk-content'), control: role('smsk-control') },
  notify: { webhookKeyFile: 'webhook.key' },
  sealing: {},
  publication: { kind: 'folder', folder: '/mnt/published' },
  cipher: {},
};

describe('the configuration', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'smsk-config-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const load = (config: object) => {
    const file = join(folder, 'config.json');
    writeFileSync(file, JSON.stringify(config));
    chmodSync(file, 0o600);
    return loadConfiguration({ SMSK_CONFIG: file }).config;
  };
  const withIdentities = (principal: object, content: object, control: object) => ({
    ...production,
    aws: { ...production.aws, identity: principal },
    platform: { ...production.platform, content, control },
  });
  const machine = (name: string) => ({ ...role(name), kind: 'machine' });

  test('takes an identity from a file, from a role, from the machine', () => {
    const file = { kind: 'file', file: 'control.json', arn: 'arn:aws:iam::999900001111:user/smsk-control' };
    const { aws, platform } = load(withIdentities(machine('node'), role('smsk-content'), file));
    expect([aws.identity, platform.content, platform.control]).toEqual([
      machine('node'),
      role('smsk-content'),
      file,
    ]);
  });

  test.each([
    [
      'of one ARN',
      role('smsk'),
      role('content'),
      role('smsk'),
      /another identity of ours[\s\S]*platform\.control/,
    ],
    [
      'that are both the machine’s',
      machine('a'),
      machine('b'),
      role('c'),
      /make it a role[\s\S]*platform\.content/,
    ],
    [
      'of two accounts',
      role('a'),
      role('b'),
      role('c', '111122223333'),
      /isn’t in the account[\s\S]*platform\.control/,
    ],
    ['of no known kind', { kind: 'null' }, role('b'), role('c'), /aws\.identity/],
    [
      'that no policy could name',
      { ...role('a'), arn: 'smsk' },
      role('b'),
      role('c'),
      /role ARN[\s\S]*aws\.identity\.arn/,
    ],
  ])('refuses identities %s, and says which', (_, principal, content, control, why) => {
    expect(() => load(withIdentities(principal, content, control))).toThrow(why);
  });

  const canary = {
    organization: '6f1d9bfc-6d39-4b3b-9d0a-b0a1a6e4f001',
    externalId: `smsk-${'0'.repeat(40)}`,
    aws: {
      region: 'eu-central-1',
      key: 'arn:aws:kms:eu-central-1:999900002222:key/0a1b2c3d-0a1b-4c3d-8e5f-0a1b2c3d4e5f',
      roleArn: 'arn:aws:iam::999900002222:role/canary',
    },
    azure: null,
  };

  test('takes canaries of ours, one of them, or none', () => {
    expect(load(production).control).toBeNull();
    expect(load({ ...production, control: canary }).control).toEqual(canary);
    const azure = {
      tenantId: '11111111-2222-3333-4444-555555555555',
      key: `https://canary.vault.azure.net/keys/smsk-${'0'.repeat(20)}`,
      clientId: '11111111-2222-3333-4444-666666666666',
    };
    expect(load({ ...production, control: { ...canary, aws: null, azure } }).control?.azure).toEqual(azure);
  });

  test.each([
    [
      'in the operator’s own account',
      { ...canary, aws: { ...canary.aws, roleArn: 'arn:aws:iam::999900001111:role/canary' } },
      /none of whose roles[\s\S]*control\.aws\.roleArn/,
    ],
    ['with an external ID of another form', { ...canary, externalId: 'secret' }, /control\.externalId/],
    ['with a secret beside it', { ...canary, secretAccessKey: 'x' }, /control/],
  ])('refuses a canary %s', (_, control, why) => {
    expect(() => load({ ...production, control })).toThrow(why);
  });

  const clientId = '72f988bf-86f1-41af-91ab-2d7cd011db47';
  const vault = {
    host: 'novantra-credentials.vault.azure.net',
    tenantId: '11111111-2222-3333-4444-555555555555',
    app: { clientId, source: { kind: 'certificate', file: 'reader.pem' } },
  };
  const secretsManager = { region: 'eu-central-1', identity: role('smsk-references') };

  test('names places of the operator’s for credentials, one of each kind, or none', () => {
    expect(load(production).references).toEqual({ folder: null, secretsManager: null, vault: null });
    const references = { folder: 'credentials', secretsManager, vault };
    expect(load({ ...production, references }).references).toEqual({
      ...references,
      secretsManager: { ...secretsManager, prefix: 'smsk/credentials/' },
    });
  });

  test.each([
    [
      'whose identity is another of ours',
      { secretsManager: { ...secretsManager, identity: role('smsk-content') } },
    ],
    ['whose names begin anyhow', { secretsManager: { ...secretsManager, prefix: '' } }],
    ['in a region that isn’t one', { secretsManager: { ...secretsManager, region: 'eu-central-9' } }],
    ['that is no vault', { vault: { ...vault, host: 'vault.azure.net.example.com' } }],
    ['with a secret beside it', { vault: { ...vault, clientSecret: 'x' } }],
  ])('refuses a place %s', (_, references) => {
    expect(() => load({ ...production, references })).toThrow('references');
  });

  const s3 = {
    kind: 's3',
    bucket: 'novantra-ledgers',
    region: 'eu-central-1',
    identity: role('smsk-ledgers'),
  };
  const own = {
    ...{ kind: 's3-compatible', bucket: 'ledgers', url: 'https://objects.example.com:9000' },
    credentialsFile: 'objects.json',
  };

  test('names one place where ledgers are published, which production needs', () => {
    expect(load({ ...production, publication: s3 }).publication).toEqual({
      ...s3,
      ...{ prefix: '', retentionDays: null },
    });
    expect(load({ ...production, publication: own }).publication).toEqual({
      ...own,
      ...{ prefix: '', retentionDays: null, caFile: null, region: 'us-east-1' },
    });
    expect(() => load({ ...production, publication: null })).toThrow('publication must be named');
  });

  test.each([
    ['under another identity of ours', { ...s3, identity: role('smsk-content') }],
    ['in a bucket whose name has dots', { ...s3, bucket: 'novantra.ledgers' }],
    ['in a folder and a bucket', { ...s3, folder: '/mnt/published' }],
    ['below a name that isn’t a folder', { ...s3, prefix: 'smsk' }],
    ['locked for no time', { ...s3, retentionDays: 0 }],
    ['without TLS', { ...own, url: 'http://objects.example.com' }],
    ['below a path', { ...own, url: 'https://objects.example.com/ledgers' }],
    ['under an identity at AWS, elsewhere', { ...own, identity: role('smsk-ledgers') }],
    ['with a secret beside it', { ...own, secretAccessKey: 'x' }],
  ])('refuses to publish %s', (_, publication) => {
    expect(() => load({ ...production, publication })).toThrow('publication');
  });

  test('refuses a vault that is read with an app that serves customers', () => {
    const azure = { apps: [{ clientId, source: { kind: 'certificate', file: 'app.pem' } }] };
    expect(() => load({ ...production, azure, references: { vault } })).toThrow(
      /serves customers[\s\S]*references\.vault\.app\.clientId/,
    );
  });

  test.each([
    ['an emulator', { ...production, aws: { ...production.aws, emulatorUrl: 'http://127.0.0.1:4566' } }],
    [
      'an emulator of Azure',
      { ...production, azure: { apps: [], emulator: { url: 'https://127.0.0.1:4600', caFile: 'ca.pem' } } },
    ],
    [
      'a receiver of webhooks on this machine',
      {
        ...production,
        notify: { ...production.notify, receiver: { url: 'https://127.0.0.1:8443', caFile: 'ca.pem' } },
      },
    ],
    ['Temporal in plaintext', { ...production, temporal: { ...temporal, address: 'temporal:7233' } }],
  ])('allows %s in development only', (_, config) => {
    expect(() => load(config)).toThrow('development only');
    expect(load({ ...config, mode: 'development' }).mode).toBe('development');
  });

  test('names apps at Entra ID, each once, with no secret in their place', () => {
    const clientId = '72f988bf-86f1-41af-91ab-2d7cd011db47';
    const app = { clientId, source: { kind: 'certificate', file: 'app.pem' } };
    const withApps = (...apps: object[]) => ({ ...production, azure: { apps } });
    expect(load(production).azure).toEqual({ apps: [], egressRanges: [], emulator: null });
    expect(load(withApps(app)).azure.apps).toEqual([{ ...app, organization: null }]);
    expect(() => load(withApps(app, app))).toThrow(/another app here[\s\S]*azure\.apps\[1\]\.clientId/);
    expect(() => load(withApps({ ...app, clientSecret: 'x' }))).toThrow('clientSecret');
    expect(() => load(withApps({ ...app, organization: 'acme' }))).toThrow('organization');
  });
});

import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Cloud, startCloud, wrapAndUnwrap } from './cloud';

/** A client that none of ours shares code with. The first run installs it into the cache folder. */
const cache = join(__dirname, '../../../.smsk/cache');
const installingMs = 300_000;

describe('the official Python SDK', () => {
  let cloud: Cloud;
  let python: string;
  let home: string;

  beforeAll(async () => {
    mkdirSync(cache, { recursive: true });
    const install = [join(__dirname, 'requirements.txt'), join(cache, 'venv-azure')];
    const bin = execFileSync(join(__dirname, '../python.sh'), install, { encoding: 'utf8' }).trim();
    python = join(bin, 'python');
    home = mkdtempSync(join(tmpdir(), 'azure-home-'));
    cloud = await startCloud();
  }, installingMs);
  afterAll(async () => {
    await cloud.close();
    rmSync(home, { recursive: true });
  });

  it('tells the whole story', async () => {
    const { emulator, app, operator, customer, vault, certificate } = cloud;
    await cloud.keys.createKey('root', 'RSA', { keySize: 2048 });
    emulator.administer('POST roles', wrapAndUnwrap);
    emulator.administer('POST role-assignments', {
      scope: vault.resourceId,
      principalId: app.objectId,
      role: wrapAndUnwrap.name,
    });
    const identity = emulator.administer('POST managed-identities', { tenantId: operator.tenantId });
    emulator.administer('POST apps/federated-credentials', {
      appId: app.appId,
      name: 'worker',
      ...identity.federation,
    });
    const { token: assertion } = emulator.administer('POST managed-identities/tokens', {
      clientId: identity.clientId,
    });
    const caFile = join(home, 'ca.pem');
    writeFileSync(caFile, emulator.ca);
    const { tenantId: stranger } = emulator.administer('POST tenants', { name: 'stranger' });
    const { port } = emulator;
    const story = await run(
      JSON.stringify({
        port,
        caFile,
        app,
        stranger,
        customer,
        vault,
        assertion,
        certificate: certificate.pem,
      }),
    );
    expect(story.stderr).toBe('');
    expect(JSON.parse(story.stdout)).toEqual({
      opened: true,
      kid: true,
      mayRead: [403, 'ForbiddenByRbac'],
      disabled: [403, 'KeyDisabled'],
      rotated: true,
      versions: 2,
      old: [200, null],
      deleted: [404, 'KeyNotFound'],
      listed: ['root'],
      recovered: [200, null],
      wrongSecret: ['ClientAuthenticationError', true],
      notInstalled: ['ClientAuthenticationError', true],
    });
  }, 120_000);

  /** Nothing of the machine's own Azure settings gets in. */
  const run = (stdin: string): Promise<{ stdout: string; stderr: string }> =>
    new Promise((resolve) => {
      const env = { PATH: process.env['PATH'] ?? '', HOME: home };
      const child = execFile(
        python,
        [join(__dirname, 'python_story.py')],
        { env, timeout: 100_000 },
        (_error, stdout, stderr) => resolve({ stdout, stderr }),
      );
      child.stdin?.end(stdin);
    });
});

import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SeededAccount } from '../../../emulators/aws/control/accounts';
import { type AwsEmulator, startAwsEmulator } from '../../../emulators/aws/emulator';

/** Clients that none of ours shares code with. The first run installs them into the cache folder. */
const cache = join(__dirname, '../../../.smsk/cache');
const installingMs = 300_000;

describe('other official clients', () => {
  let emulator: AwsEmulator;
  let operator: SeededAccount;
  let customer: SeededAccount;
  let bin: string;
  let home: string;

  beforeAll(async () => {
    mkdirSync(cache, { recursive: true });
    const install = [join(__dirname, 'requirements.txt'), join(cache, 'venv')];
    bin = execFileSync(join(__dirname, '../python.sh'), install, { encoding: 'utf8' }).trim();
    expect(existsSync(join(bin, 'aws'))).toBe(true);
    home = mkdtempSync(join(tmpdir(), 'aws-home-'));
    emulator = await startAwsEmulator();
    operator = emulator.createAccount({ name: 'operator' });
    customer = emulator.createAccount({ name: 'customer' });
  }, installingMs);
  afterAll(async () => {
    await emulator.close();
    rmSync(home, { recursive: true });
  });

  /** Nothing of the machine's own AWS settings gets in. */
  const run = (
    file: string,
    args: readonly string[],
    stdin = '',
  ): Promise<{ code: number; stdout: string; stderr: string }> =>
    new Promise((resolve) => {
      const env = {
        PATH: process.env['PATH'] ?? '',
        HOME: home,
        AWS_ACCESS_KEY_ID: customer.admin.accessKeyId,
        AWS_SECRET_ACCESS_KEY: customer.admin.secretAccessKey,
        AWS_DEFAULT_REGION: 'eu-central-1',
        AWS_EC2_METADATA_DISABLED: 'true',
        AWS_MAX_ATTEMPTS: '1',
        AWS_PAGER: '',
      };
      const child = execFile(join(bin, file), args, { env, timeout: 60_000 }, (error, stdout, stderr) => {
        resolve({
          code: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1,
          stdout,
          stderr,
        });
      });
      child.stdin?.end(stdin);
    });

  it('boto3 tells the whole story', async () => {
    const story = await run(
      'python',
      [join(__dirname, 'boto3_story.py')],
      JSON.stringify({ url: emulator.url, operator, customer }),
    );
    expect(story.stderr).toBe('');
    expect(JSON.parse(story.stdout)).toEqual({
      caller: `arn:aws:sts::${customer.accountId}:assumed-role/smsk/w1`,
      trust: { StringEquals: { 'sts:ExternalId': 'ours' } },
      withoutExternalId: ['AccessDenied', 403],
      opened: 'secret',
      openedBy: expect.stringMatching(/^arn:aws:kms:eu-central-1:\d{12}:key\//),
      disabled: ['DisabledException', 400],
      enabled: ['ok', 200],
      notOurs: ['AccessDeniedException', 400],
      wrongContext: ['InvalidCiphertextException', 400],
      rotations: ['NON_CURRENT', 'CURRENT'],
      aliases: ['alias/root'],
      wrongSecret: ['InvalidSignatureException', 400],
    });
  }, 60_000);

  it('the AWS CLI creates, uses and switches off a key', async () => {
    const aws = (...args: string[]): ReturnType<typeof run> =>
      run('aws', ['--endpoint-url', emulator.url, '--output', 'json', ...args]);
    const ok = async (...args: string[]): Promise<Record<string, unknown>> => {
      const done = await aws(...args);
      expect(done).toMatchObject({ code: 0, stderr: '' });
      return JSON.parse(done.stdout || '{}') as Record<string, unknown>;
    };
    expect(await ok('sts', 'get-caller-identity')).toMatchObject({
      Account: customer.accountId,
      Arn: customer.admin.arn,
    });
    const made = await ok(
      'kms',
      'create-key',
      '--description',
      'by hand',
      '--tags',
      'TagKey=team,TagValue=security',
    );
    const { KeyId, Arn } = made['KeyMetadata'] as { KeyId: string; Arn: string };
    expect(await ok('kms', 'list-resource-tags', '--key-id', KeyId)).toMatchObject({
      Tags: [{ TagKey: 'team', TagValue: 'security' }],
    });
    const file = join(home, 'plain');
    writeFileSync(file, 'secret');
    const use = ['--encryption-context', 'smsk:org=acme'];
    const sealed = await ok('kms', 'encrypt', '--key-id', KeyId, '--plaintext', `fileb://${file}`, ...use);
    expect(sealed).toMatchObject({ KeyId: Arn });
    writeFileSync(file, Buffer.from(String(sealed['CiphertextBlob']), 'base64'));
    const decrypt = ['kms', 'decrypt', '--ciphertext-blob', `fileb://${file}`, ...use];
    expect(Buffer.from(String((await ok(...decrypt))['Plaintext']), 'base64').toString()).toBe('secret');
    await ok('kms', 'disable-key', '--key-id', KeyId);
    const refused = await aws(...decrypt);
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toContain(
      `(DisabledException) when calling the Decrypt operation: ${Arn} is disabled.`,
    );
    const policy = await ok('kms', 'get-key-policy', '--key-id', KeyId);
    expect(JSON.parse(String(policy['Policy']))).toMatchObject({ Id: 'key-default-1' });
    await ok('kms', 'schedule-key-deletion', '--key-id', KeyId, '--pending-window-in-days', '7');
    expect(await ok('kms', 'describe-key', '--key-id', KeyId)).toMatchObject({
      KeyMetadata: { KeyState: 'PendingDeletion' },
    });
  }, 120_000);
});

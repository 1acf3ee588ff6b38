import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import {
  CreateKeyCommand,
  DecryptCommand,
  DisableKeyCommand,
  EncryptCommand,
  KMSClient,
} from '@aws-sdk/client-kms';
import type { SeededAccount } from '../../../emulators/aws/control/accounts';
import { startAwsEmulator } from '../../../emulators/aws/emulator';
import type { TrailRecord } from '../../../emulators/aws/trail/record';
import { allow, refusal, startCloud, trust } from './cloud';

describe('state survives', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'aws-emulator-'));
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  it('a restart: keys, policies, sessions, switches, and the numbering of the trail', async () => {
    const before = await startCloud({ stateDir: dir });
    const admin = before.admin('customer', '111122223333');
    const role = await before.role(admin, 'smsk', trust(admin.account), allow('kms:*'));
    const session = await before.assume(admin, { RoleArn: role, RoleSessionName: 'one' });
    const KeyId = (await admin.kms.send(new CreateKeyCommand({}))).KeyMetadata?.Arn ?? '';
    const { CiphertextBlob } = await session.kms.send(
      new EncryptCommand({ KeyId, Plaintext: Buffer.from('kept') }),
    );
    const last = before.emulator.lastSequence();
    await before.close();

    const after = await startCloud({ stateDir: dir });
    expect(after.emulator.lastSequence()).toBe(last);
    const again = after.person(session.account, session.credentials);
    const opened = await again.kms.send(new DecryptCommand({ CiphertextBlob }));
    expect(Buffer.from(opened.Plaintext ?? []).toString()).toBe('kept');
    expect(after.emulator.trail(last).map((r) => [r.sequence, r.eventName])).toEqual([[last + 1, 'Decrypt']]);
    expect(after.emulator.createAccount({ name: 'customer', accountId: '111122223333' })).toMatchObject({
      created: false,
      admin: { accessKeyId: admin.credentials.accessKeyId },
    });
    await after.close();
  });

  it('a line cut in the middle of writing', async () => {
    const before = await startAwsEmulator({ stateDir: dir });
    await before.close();
    appendFileSync(join(dir, 'trail.jsonl'), '{"sequence":1,"eventVer');
    const after = await startAwsEmulator({ stateDir: dir });
    expect(after.trail()).toEqual([]);
    await after.close();
  });

  it('kill -9: what was answered is kept, no sequence number is used twice, SIGTERM ends it well', async () => {
    const token = join(dir, 'token');
    writeFileSync(token, 'sesame\n');
    const first = await startProcess(dir, token);
    const account = (await control(first.url, 'POST', 'accounts', {
      name: 'c',
      accountId: '111122223333',
    })) as SeededAccount;
    const client = (url: string): KMSClient =>
      new KMSClient({ endpoint: url, region: 'eu-central-1', maxAttempts: 1, credentials: account.admin });
    const kms = client(first.url);
    const KeyId = (await kms.send(new CreateKeyCommand({}))).KeyMetadata?.Arn ?? '';
    await kms.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from('x') }));
    await kms.send(new DisableKeyCommand({ KeyId }));
    const seen = ((await control(first.url, 'GET', 'trail')) as { records: TrailRecord[] }).records;
    first.child.kill('SIGKILL');
    await once(first.child, 'exit');
    kms.destroy();

    const second = await startProcess(dir, token);
    const revived = client(second.url);
    expect(
      await refusal(revived.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from('x') }))),
    ).toMatchObject({ name: 'DisabledException' });
    const { records } = (await control(second.url, 'GET', 'trail')) as { records: TrailRecord[] };
    expect(records.slice(0, seen.length)).toEqual(seen);
    expect(new Set(records.map((r) => r.sequence)).size).toBe(records.length);
    expect(records.at(-1)?.sequence).toBeGreaterThan(seen.at(-1)?.sequence ?? 0);
    revived.destroy();
    second.child.kill('SIGTERM');
    expect(await once(second.child, 'exit')).toEqual([0, null]);
  }, 30_000);
});

describe('the control door', () => {
  it('wants its token, says what is wrong, and exports a CloudTrail file', async () => {
    const emulator = await startAwsEmulator({ controlToken: 'sesame' });
    try {
      expect((await fetch(`${emulator.url}/_emulator/trail`)).status).toBe(401);
      expect((await fetch(`${emulator.url}/_emulator/health`)).status).toBe(200);
      expect(await control(emulator.url, 'POST', 'faults', { effect: { kind: 'fire' } })).toMatchObject({
        error: expect.stringContaining('effect'),
      });
      const { id } = (await control(emulator.url, 'POST', 'faults', {
        effect: { kind: 'latency', ms: 1 },
      })) as { id: string };
      expect(await control(emulator.url, 'GET', 'faults')).toMatchObject({ faults: [{ id, hits: 0 }] });
      await control(emulator.url, 'DELETE', `faults?id=${id}`);
      expect(await control(emulator.url, 'GET', 'faults')).toEqual({ faults: [] });
      expect(await control(emulator.url, 'GET', 'trail/export?account=111122223333')).toEqual({
        Records: [],
      });
      expect(
        await control(emulator.url, 'PUT', 'key-state', { keyArn: 'none', state: 'Unavailable' }),
      ).toEqual({ error: 'no key none' });
      expect(await control(emulator.url, 'GET', 'nothing')).toMatchObject({
        error: expect.stringContaining('no such route'),
      });
    } finally {
      await emulator.close();
    }
  });
});

interface Started {
  readonly url: string;
  readonly child: ChildProcessByStdio<null, Readable, null>;
}

async function startProcess(dir: string, token: string): Promise<Started> {
  const args = [
    '--import',
    'tsx',
    'emulators/aws/main.ts',
    '--state-dir',
    join(dir, 'state'),
    '--control-token-file',
    token,
  ];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, url: (JSON.parse(line.toString()) as { url: string }).url };
}

async function control(url: string, method: string, route: string, body?: object): Promise<unknown> {
  const headers = { authorization: 'Bearer sesame' };
  const response = await fetch(`${url}/_emulator/${route}`, {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return response.json();
}

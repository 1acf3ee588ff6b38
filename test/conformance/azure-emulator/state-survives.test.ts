import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { ClientSecretCredential } from '@azure/identity';
import { KeyClient } from '@azure/keyvault-keys';
import { EmulatorAgent } from '../../../emulators/azure/agent';
import { startAzureEmulator } from '../../../emulators/azure/emulator';
import type { AuditRow } from '../../../emulators/azure/trail/row';
import { ask, refusal, startCloud, stubOf, wrapAndUnwrap } from './cloud';

describe('state survives', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'azure-emulator-'));
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  it('a restart: the authority, tokens, keys, roles, switches, and the numbering of the trail', async () => {
    const before = await startCloud({ stateDir: dir });
    const { vault, app, customer } = before;
    before.emulator.administer('PATCH vaults', { name: vault.name, diagnostics: true });
    before.emulator.administer('POST roles', wrapAndUnwrap);
    before.emulator.administer('POST role-assignments', {
      scope: vault.resourceId,
      principalId: app.objectId,
      role: wrapAndUnwrap.name,
    });
    const kid = (await before.keys.createKey('root', 'RSA')).id ?? '';
    const credential = before.byCertificate(customer.tenantId);
    const { result } = await before.crypto(kid, credential).wrapKey('RSA-OAEP-256', Buffer.from('kept'));
    const token = await credential.getToken('https://vault.azure.net/.default');
    const last = before.emulator.lastSequence();
    await before.close();

    const after = await startAzureEmulator({ stateDir: dir });
    expect(after.lastSequence()).toBe(last);
    expect(after.ca).toBe(before.emulator.ca);
    expect(readFileSync(join(dir, 'ca.pem'), 'utf8')).toBe(after.ca);
    const agent = new EmulatorAgent(after);
    const opened = await ask(agent, `${kid}/unwrapkey?api-version=7.6`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token?.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ alg: 'RSA-OAEP-256', value: Buffer.from(result).toString('base64url') }),
    });
    expect(JSON.parse(opened.body)).toEqual({ kid, value: Buffer.from('kept').toString('base64url') });
    expect(after.trail(last).map((r) => [r.sequence, r.operationName])).toEqual([[last + 1, 'KeyUnwrap']]);
    expect(after.administer('POST tenants', { name: 'customer', tenantId: customer.tenantId })).toMatchObject(
      { created: false, admin: customer.admin },
    );
    agent.destroy();
    await after.close();
  });

  it('a line cut in the middle of writing', async () => {
    await (await startAzureEmulator({ stateDir: dir })).close();
    appendFileSync(join(dir, 'trail.jsonl'), '{"sequence":1,"tim');
    const after = await startAzureEmulator({ stateDir: dir });
    expect(after.trail()).toEqual([]);
    await after.close();
  });

  it('kill -9: what was answered is kept, no sequence number is used twice, SIGTERM ends it well', async () => {
    const token = join(dir, 'token');
    writeFileSync(token, 'sesame\n');
    const first = await startProcess(dir, token);
    const tenant = (await control(first, 'POST', 'tenants', { name: 'c' })) as {
      tenantId: string;
      admin: { clientId: string; clientSecret: string };
    };
    const vault = (await control(first, 'POST', 'vaults', {
      name: 'killed',
      tenantId: tenant.tenantId,
      diagnostics: true,
    })) as { vaultUri: string };
    const keysAt = (started: Started): KeyClient => {
      const through = {
        retryOptions: { maxRetries: 0 },
        additionalPolicies: [
          {
            position: 'perRetry' as const,
            policy: {
              name: 'toEmulator',
              sendRequest: (request: { agent?: unknown }, next: (r: never) => Promise<never>) => {
                request.agent = started.agent;
                return next(request as never);
              },
            },
          },
        ],
      };
      const { clientId, clientSecret } = tenant.admin;
      return new KeyClient(
        vault.vaultUri,
        new ClientSecretCredential(tenant.tenantId, clientId, clientSecret, through),
        through,
      );
    };
    const keys = keysAt(first);
    const kid = (await keys.createKey('root', 'RSA')).id ?? '';
    await keys.updateKeyProperties('root', { enabled: false });
    const seen = ((await control(first, 'GET', 'trail')) as { records: AuditRow[] }).records;
    first.child.kill('SIGKILL');
    await once(first.child, 'exit');
    first.agent.destroy();

    const second = await startProcess(dir, token);
    const revived = keysAt(second);
    expect((await revived.getKey('root')).properties).toMatchObject({ enabled: false, id: kid });
    expect(await refusal(revived.createKey('bad name', 'RSA'))).toMatchObject({ status: 400 });
    const { records } = (await control(second, 'GET', 'trail')) as { records: AuditRow[] };
    expect(records.slice(0, seen.length)).toEqual(seen);
    expect(new Set(records.map((r) => r.sequence)).size).toBe(records.length);
    expect(records.at(-1)?.sequence).toBeGreaterThan(seen.at(-1)?.sequence ?? 0);
    expect(stubOf(kid).name).toBe('root');
    second.child.kill('SIGTERM');
    expect(await once(second.child, 'exit')).toEqual([0, null]);
    second.agent.destroy();
  }, 60_000);
});

describe('the control door', () => {
  it('wants its token, says what is wrong, and exports a diagnostic log', async () => {
    const emulator = await startAzureEmulator({ controlToken: 'sesame' });
    const agent = new EmulatorAgent({ ...emulator, resolves: () => true });
    const started = { url: emulator.url, agent };
    try {
      expect((await ask(agent, `${emulator.url}/_emulator/trail`)).status).toBe(401);
      expect((await ask(agent, `${emulator.url}/_emulator/health`)).status).toBe(200);
      expect(
        JSON.parse((await ask(agent, `${emulator.url}/_emulator/dns?name=login.microsoftonline.com`)).body),
      ).toEqual({
        addresses: ['127.0.0.1'],
      });
      expect(await control(started, 'POST', 'faults', { effect: { kind: 'fire' } })).toMatchObject({
        error: expect.stringContaining('effect'),
      });
      const { id } = (await control(started, 'POST', 'faults', {
        match: { vault: 'none' },
        effect: { kind: 'latency', ms: 1 },
      })) as { id: string };
      expect(await control(started, 'GET', 'faults')).toMatchObject({ faults: [{ id, hits: 0 }] });
      await control(started, 'DELETE', `faults?id=${id}`);
      expect(await control(started, 'GET', 'faults')).toEqual({ faults: [] });
      expect(await control(started, 'GET', 'trail/export?vault=none')).toEqual({ records: [] });
      expect(await control(started, 'DELETE', 'vaults', { name: 'none' })).toEqual({
        error: 'no vault none',
      });
      expect(await control(started, 'GET', 'vaults')).toEqual({ vaults: [], afterSequence: 0 });
      expect(await control(started, 'GET', 'nothing')).toMatchObject({
        error: expect.stringContaining('no such route'),
      });
    } finally {
      agent.destroy();
      await emulator.close();
    }
  });

  it('its certificate is trusted by nobody who was not told to', async () => {
    const emulator = await startAzureEmulator();
    await expect(fetch(`${emulator.url}/_emulator/health`)).rejects.toThrow();
    await emulator.close();
  });
});

interface Started {
  readonly url: string;
  readonly agent: EmulatorAgent;
  readonly child: ChildProcessByStdio<null, Readable, null>;
}

async function startProcess(dir: string, token: string): Promise<Started> {
  const args = [
    '--import',
    'tsx',
    'emulators/azure/main.ts',
    '--state-dir',
    join(dir, 'state'),
    '--control-token-file',
    token,
  ];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const { url, ca } = JSON.parse(line.toString()) as { url: string; ca: string };
  return { child, url, agent: new EmulatorAgent({ url, ca, resolves: () => true }) };
}

async function control(
  to: Pick<Started, 'url' | 'agent'>,
  method: string,
  route: string,
  body?: object,
): Promise<unknown> {
  const answer = await ask(to.agent, `${to.url}/_emulator/${route}`, {
    method,
    headers: { authorization: 'Bearer sesame' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return JSON.parse(answer.body);
}

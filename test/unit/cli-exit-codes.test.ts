import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { WorkspaceUnavailable } from '../../cipher';
import { environment } from '../../cli/environment';
import { EXIT, EXIT_MEANINGS } from '../../cli/exit-codes';
import { testKey } from '../fakes/api/keys';
import { createDesk, type Desk } from '../fakes/api/terminal';
import { type ApiWorld, createApiWorld } from '../fakes/api/world';

let world: ApiWorld;
let desk: Desk;
beforeEach(async () => {
  world = await createApiWorld();
  desk = createDesk(world);
});
afterEach(async () => {
  desk.close();
  await world.close();
});

const ORG = ['--org', 'acme'];

test('each exit code is documented in the help', async () => {
  const { out, exitCode } = await desk.smsk(['--help']);
  expect(exitCode).toBe(EXIT.ok);
  for (const [code, meaning] of Object.entries(EXIT_MEANINGS)) expect(out).toContain(`  ${code}  ${meaning}`);
  expect(Object.keys(EXIT_MEANINGS).map(Number)).toEqual(Object.values(EXIT));
});

test('2: used otherwise than its help says', async () => {
  const wrong = [
    ['nonsense'],
    ['status'],
    ['handoff', ...ORG, '--contact', 'Jo'],
    ['verify', ...ORG, '--wait', 'soon'],
  ];
  for (const line of wrong) expect((await desk.smsk(line)).exitCode).toBe(EXIT.usage);
  const bare = { env: { url: null, tokenFile: null } };
  expect(await desk.smsk(['status', ...ORG], bare)).toMatchObject({
    exitCode: EXIT.usage,
    err: expect.stringContaining('SMSK_URL'),
  });
  const noToken = { env: { url: world.url, tokenFile: null } };
  expect((await desk.smsk(['status', ...ORG], noToken)).err).toContain('SMSK_TOKEN_FILE');
  const flags = ['--url', world.url, '--token-file', desk.file('support.token')];
  expect((await desk.smsk(['status', ...ORG, ...flags], bare)).exitCode).toBe(EXIT.ok);
});

test('4: refused, with code, remedy and reference; as JSON for machines', async () => {
  const said = await desk.smsk(['status', '--org', 'nobody']);
  expect(said.exitCode).toBe(EXIT.refused);
  expect(said.err).toMatch(/^smsk: ORGANIZATION_UNKNOWN: There is no such organization/);
  expect(said.err).toMatch(/to do +Check the name\.\n {2}reference +[0-9a-f-]{36}\n$/);
  const machine = await desk.smsk(['status', '--org', 'nobody', '--json']);
  expect(machine.json.error).toMatchObject({ code: 'ORGANIZATION_UNKNOWN', status: 404 });
  expect(machine.err).toBe('');
});

test('5: no worker, no connection, or no key', async () => {
  world.workflows.isDown = true;
  expect((await desk.smsk(['activate', ...ORG])).exitCode).toBe(EXIT.unavailable);
  const refusing: typeof fetch = () => Promise.reject(new TypeError('fetch failed'));
  const gone = await desk.smsk(['status', ...ORG], { fetch: refusing });
  expect(gone).toMatchObject({
    exitCode: EXIT.unavailable,
    err: expect.stringContaining('can’t be reached'),
  });
  world.cipher.failing = new WorkspaceUnavailable('UNWRAP_DENIED', null);
  const said = await desk.smsk(['encrypt', ...ORG], { as: 'service', stdin: Buffer.from('x') });
  expect(said).toMatchObject({ exitCode: EXIT.unavailable, bytes: Buffer.alloc(0) });
  expect(said.err).toContain('WORKSPACE_UNAVAILABLE (UNWRAP_DENIED)');
  expect(said.err).toContain('kms:Decrypt in key policy');
});

test('5: an action that may have been carried out says how to repeat it, so that it’s carried out once', async () => {
  await desk.smsk(['activate', ...ORG]);
  world.workflows.isDown = true;
  const lost = await desk.smsk(['verify', ...ORG], { as: 'customer-admin' });
  expect(lost).toMatchObject({ exitCode: EXIT.unavailable, err: expect.stringContaining('NO_WORKER') });
  const [, key = ''] = /--idempotency-key (\S+)/.exec(lost.err) ?? [];
  world.workflows.isDown = false;
  await desk.smsk(['verify', ...ORG, '--idempotency-key', key], { as: 'customer-admin' });
  expect(world.workflows.sent.at(-1)).toMatchObject({ action: 'runVerification', updateId: key });
});

test('4: a refusal that only the ledger has is said too', async () => {
  await desk.smsk(['activate', ...ORG]);
  world.workflows.refusingInLedger = 'PLAN_CHANGED';
  const said = await desk.smsk(['cancel', ...ORG]);
  expect(said).toMatchObject({
    exitCode: EXIT.refused,
    out: expect.stringContaining('refused    PLAN_CHANGED: Something'),
  });
});

test('4: an activation that ended at its first check says why', async () => {
  world.workflows.endingAtStart = 'ORDER_WITHDRAWN';
  const said = await desk.smsk(['activate', ...ORG]);
  expect(said.exitCode).toBe(EXIT.refused);
  expect(said.out).toMatch(
    /^acme: activation refused\n {2}because {4}ORDER_WITHDRAWN: The order was withdrawn\./,
  );
});

test('1: something answered that isn’t this API', async () => {
  const page: typeof fetch = async () => new Response('<html>', { status: 200 });
  expect(await desk.smsk(['status', ...ORG], { fetch: page })).toMatchObject({ exitCode: EXIT.failed });
});

describe('evidence', () => {
  const exported = async (): Promise<string> => {
    const order = await world.order();
    await desk.smsk(['order', 'submit', ...ORG], { as: 'commerce', stdin: Buffer.from(order) });
    const { kty, crv, x } = world.approver.jwk;
    await world.client('customer-admin').enrolFirstApprover('acme', { kty, crv, x });
    const out = join(desk.folder, 'evidence');
    const said = await desk.smsk(['evidence', 'export', ...ORG, '--out', out], { as: 'customer-auditor' });
    expect([said.err, said.exitCode]).toEqual(['', EXIT.ok]);
    return out;
  };
  const trusted = async (): Promise<string> => {
    const { checkpointVkey, custodyJwk } = await world.signer.keys();
    const jwk = ({ crv, kty, x }: { crv: string; kty: string; x: string }) => JSON.stringify({ crv, kty, x });
    return desk.file(
      'trust',
      `checkpoint ${checkpointVkey}\ncustody ${jwk(custodyJwk)}\norder-issuer ${jwk(world.commerce.jwk)}\n`,
    );
  };

  test('3: self-attested without keys from outside; 0 with them; both offline', async () => {
    const out = await exported();
    expect(readdirSync(out)).toEqual(
      expect.arrayContaining(['entries.jsonl', 'checkpoint', 'vkey', 'README.txt']),
    );
    const offline = {
      env: { url: null, tokenFile: null },
      fetch: (() => Promise.reject(new Error('offline'))) as typeof fetch,
    };
    const alone = await desk.smsk(['evidence', 'verify', out], offline);
    expect(alone).toMatchObject({
      exitCode: EXIT.selfAttested,
      out: expect.stringContaining('SELF-ATTESTED'),
    });
    const verified = await desk.smsk(['evidence', 'verify', out, '--trust', await trusted()], offline);
    expect(verified).toMatchObject({ exitCode: EXIT.ok, out: expect.stringMatching(/^VERIFIED/) });
  });

  test('1: a changed byte, and the line it’s in', async () => {
    const out = await exported();
    const file = join(out, 'entries.jsonl');
    writeFileSync(file, readFileSync(file, 'utf8').replace('SO-1', 'SO-2'));
    const said = await desk.smsk(['evidence', 'verify', out, '--trust', await trusted()]);
    expect(said.exitCode).toBe(EXIT.failed);
    expect(said.out).toMatch(/WRONG {2}entries\.jsonl:2 +LINE_CHANGED/);
  });

  test('--since: an older checkpoint is continued, a foreign one isn’t', async () => {
    await world.store.publishCheckpoint(world.acme.organization.id);
    const older = desk.file('older', world.acme.checkpoint?.note);
    const out = await exported();
    const trust = await trusted();
    expect((await desk.smsk(['evidence', 'verify', out, '--trust', trust, '--since', older])).exitCode).toBe(
      EXIT.ok,
    );
    await world.store.publishCheckpoint(world.globex.organization.id);
    const foreign = desk.file('foreign', world.globex.checkpoint?.note);
    const said = await desk.smsk(['evidence', 'verify', out, '--trust', trust, '--since', foreign]);
    expect(said).toMatchObject({ exitCode: EXIT.failed, out: expect.stringContaining('NOT_CONSISTENT') });
  });

  test('2: a folder that isn’t empty, a trust file that isn’t one', async () => {
    const out = await exported();
    const again = await desk.smsk(['evidence', 'export', ...ORG, '--out', out]);
    expect(again).toMatchObject({ exitCode: EXIT.usage, err: expect.stringContaining('isn’t empty') });
    const said = await desk.smsk([
      'evidence',
      'verify',
      out,
      '--trust',
      desk.file('bad', 'something else\n'),
    ]);
    expect(said).toMatchObject({ exitCode: EXIT.usage, err: expect.stringContaining('trust file, line 1') });
  });
});

test('content goes through standard input and output as bytes, or files', async () => {
  const plaintext = Buffer.from([0, 255, 10, 13, 128]);
  const context = ['--context', 'table=patients', '--context', 'row=4711'];
  const service = { as: 'service' } as const;
  const encrypted = await desk.smsk(['encrypt', ...ORG, ...context], { ...service, stdin: plaintext });
  expect(encrypted.exitCode).toBe(EXIT.ok);
  const decrypted = await desk.smsk(['decrypt', ...ORG, ...context], { ...service, stdin: encrypted.bytes });
  expect(decrypted.bytes.equals(plaintext)).toBe(true);
  const wrong = await desk.smsk(['decrypt', ...ORG], { ...service, stdin: encrypted.bytes });
  expect(wrong).toMatchObject({
    exitCode: EXIT.refused,
    err: expect.stringContaining('CIPHERTEXT_REJECTED'),
  });
  const out = desk.file('record.enc');
  await desk.smsk(['encrypt', ...ORG, '--in', desk.file('record', 'hello'), '--out', out], service);
  expect((await desk.smsk(['decrypt', ...ORG, '--in', out], service)).bytes.toString()).toBe('hello');
});

test('a key file that others can read, or that is none, is not used', async () => {
  const open = desk.file('open.pem', (await testKey()).pem);
  chmodSync(open, 0o644);
  const approve = (key: string) => desk.smsk(['approve', ...ORG, '--key', key, '--yes']);
  expect(await approve(open)).toMatchObject({
    exitCode: EXIT.usage,
    err: expect.stringContaining('chmod 600'),
  });
  const none = await approve(desk.file('none.pem', 'c2VjcmV0'));
  expect(none).toMatchObject({
    exitCode: EXIT.usage,
    err: expect.stringContaining('no Ed25519 private key'),
  });
  expect(none.err).not.toContain('c2VjcmV0');
});

test('the environment is two variables, and empty ones count as none', () => {
  expect(environment({ SMSK_URL: 'http://x', SMSK_TOKEN_FILE: '/t' })).toEqual({
    url: 'http://x',
    tokenFile: '/t',
  });
  expect(environment({ SMSK_URL: '' })).toEqual({ url: null, tokenFile: null });
});

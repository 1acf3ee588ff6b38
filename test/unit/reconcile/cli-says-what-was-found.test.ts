import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EXIT } from '../../../cli/exit-codes';
import { run } from '../../../cli/program';
import { processTerminal } from '../../../cli/terminal';
import { canonicalJson, type JsonObject } from '../../../domain/canonical';
import type { Change } from '../../../domain/change';
import type { Epoch, Instant, LedgerIndex } from '../../../domain/ids';
import { entryBytes } from '../../../domain/ledger-entry';
import { bundleFiles } from '../../../ledger/bundle';
import { nodeSuite } from '../../../ledger/node/suite';
import { openSigner } from '../../../ledger/signer';
import { createSignerKeys } from '../../../ledger/signer-keys';
import { usageRoot } from '../../../ledger/verify/check-usage';
import {
  ACME,
  DEPLOYMENT,
  type Evidence,
  evidenceOf,
  signHead,
  trustText,
} from '../../harness/evidence-fixture';
import { cloudTrail, KEYS, type Made } from './records';

const scratch = mkdtempSync(join(tmpdir(), 'smsk-reconcile-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const BEGIN = Date.parse('2026-01-01T02:00:00.000Z');
const at = (minute: number, seconds = 30) => BEGIN + minute * 60_000 + seconds * 1_000;
const KEY = KEYS['aws-kms'];
/** One call of ours a minute, and one of the operator's own key. */
const ROWS: JsonObject[] = Array.from({ length: 60 }, (_, minute) => ({
  at: new Date(at(minute)).toISOString(),
  keyRef: minute === 0 ? 'arn:aws:kms:eu-central-1:999:key/p' : KEY,
  requestId: `request-${minute}`,
  purpose: 'decrypt',
  operations: 1,
}));
const LOGGED: readonly Made[] = ROWS.slice(1).map((_, i) => ({
  id: `request-${i + 1}`,
  atMs: at(i + 1, 29),
}));

let files: Map<string, Uint8Array>;
let evidence: Evidence;
beforeAll(async () => {
  const folder = join(scratch, 'signer');
  await createSignerKeys(folder);
  const signer = await openSigner({ folder, deployment: DEPLOYMENT, mode: 'development' });
  evidence = await evidenceOf(signer);
  const { input } = evidence;
  const change = (type: string, body: object, i: number) =>
    entryBytes(
      {
        index: (input.entries.length + i) as LedgerIndex,
        at: new Date(at(i)).toISOString() as Instant,
        organization: ACME,
        actor: { kind: 'system', name: 'smsk' },
        operationId: null,
        epoch: 3 as Epoch,
      },
      { type, ...body } as unknown as Change,
    );
  const entries = [
    ...input.entries,
    change('verification-repeated', { connectionId: 'c', findings: [], keyRef: KEY }, 0),
    ...ROWS.map((row, i) => {
      const minute = `${String(row['at']).slice(0, 17)}00.000Z`;
      const root = usageRoot(nodeSuite, [canonicalJson(row)]);
      return change('usage', { minute, calls: 1, operations: 1, root }, i + 1);
    }),
  ];
  files = bundleFiles({ ...input, entries, usage: ROWS, checkpoint: await signHead(signer, entries) });
});

let runs = 0;
/** `smsk evidence reconcile` of the bundle, with a log of these records or of this text. */
async function reconcile(log: readonly Made[] | string, changes: Readonly<Record<string, string>> = {}) {
  runs += 1;
  const folder = join(scratch, `run-${runs}`);
  const bundle = join(folder, 'bundle');
  mkdirSync(bundle, { recursive: true });
  for (const [name, bytes] of files) writeFileSync(join(bundle, name), changes[name] ?? bytes);
  const trail = join(folder, 'trail.json');
  writeFileSync(trail, typeof log === 'string' ? log : JSON.stringify({ Records: log.map(cloudTrail) }));
  const trust = join(folder, 'trust');
  writeFileSync(trust, trustText(evidence));
  const said = async (...more: string[]) => {
    const out: string[] = [];
    const take = (text: string) => void out.push(text);
    const terminal = { ...processTerminal(), out: take, err: take };
    const exitCode = await run(['evidence', 'reconcile', bundle, trail, ...more], terminal);
    return { exitCode, out: out.join('').replaceAll(folder, '.') };
  };
  const { exitCode, out } = await said('--trust', trust);
  const { out: json } = await said('--trust', trust, '--json');
  return { exitCode, out, json: JSON.parse(json), unpinned: await said() };
}

test('0: all of it is in both; 3 without keys from outside', async () => {
  const { exitCode, out, json, unpinned } = await reconcile(LOGGED);
  expect(out).toMatch(/^MATCHED: every use/);
  expect(exitCode).toBe(EXIT.ok);
  expect(json).toMatchObject({
    verdict: 'matched',
    matched: { done: 59 },
    ledger: { platform: 1, unbound: 0 },
  });
  expect(unpinned.exitCode).toBe(EXIT.selfAttested);
  expect(unpinned.out).toContain('SELF-ATTESTED');
});

test('the same export says the same, whatever order its records are in', async () => {
  const thieves = [3, 1, 2].map((n) => ({ id: `theirs-${n}`, atMs: at(n), principal: `thief-${n % 2}` }));
  const one = await reconcile([...LOGGED, ...thieves]);
  const other = await reconcile([...thieves.toReversed(), ...LOGGED.toReversed()]);
  expect(other.out).toBe(one.out);
  expect(other.json).toEqual(one.json);
});

test('7: somebody used the key, and is named without what a name may do to a terminal', async () => {
  const thief = { id: 'theirs', atMs: at(20), principal: 'arn:aws:iam::1:user/\u001b[2J\u202emal' };
  const tried = { id: 'tried', atMs: at(21), principal: 'arn:aws:iam::1:user/eve', refusal: 'AccessDenied' };
  const { exitCode, out, json } = await reconcile([...LOGGED, thief, tried]);
  expect(exitCode).toBe(EXIT.outside);
  expect(out).toMatch(/^OUTSIDE: the key was used once by somebody/);
  expect(out).toContain(
    '1  Decrypt  arn:aws:iam::1:user/\ufffd[2J\ufffdmal  203.0.113.7  2026-01-01T02:20:30.000Z',
  );
  expect(out).toContain('arn:aws:iam::1:user/eve');
  expect(out).not.toContain('\u001b');
  expect(json).toMatchObject({ outside: { count: 1 }, denied: { count: 1 } });
});

test('a refused attempt alone is told, and is no use of the key', async () => {
  const tried = { id: 'tried', atMs: at(21), principal: 'arn:aws:iam::1:user/eve', refusal: 'AccessDenied' };
  expect((await reconcile([...LOGGED, tried])).exitCode).toBe(EXIT.ok);
  const keyless = await reconcile([...LOGGED, { ...tried, key: null }]);
  expect(keyless).toMatchObject({ exitCode: EXIT.ok, json: { deniedOfNoKey: { count: 1 } } });
});

test('8: the log lacks a call that should be there; a late one may still come', async () => {
  const { exitCode, out, json } = await reconcile(LOGGED.filter(({ id }) => !/-(?:7|55)$/.test(id)));
  expect(exitCode).toBe(EXIT.unmatched);
  expect(out).toMatch(/^UNMATCHED: .*the log lacks 1 calls/);
  expect(json).toMatchObject({ late: 1, oursOnly: { count: 1, earliest: [{ requestId: 'request-7' }] } });
});

test('8: nothing in common', async () => {
  expect((await reconcile('')).exitCode).toBe(EXIT.unmatched);
});

test('8: what can’t be read is counted and named by file and line, and never shown', async () => {
  const lines = LOGGED.map((made) => JSON.stringify(cloudTrail(made)));
  const bad = '{"eventName": "\u001b]0;owned\u0007 SECRET';
  const keyless = JSON.stringify(cloudTrail({ id: 'theirs', atMs: at(9), key: null }));
  const { exitCode, out, json } = await reconcile([bad, ...lines, '{"a": 1}', keyless].join('\n'));
  expect(exitCode).toBe(EXIT.unmatched);
  expect(out).toContain('./trail.json:1   not JSON');
  expect(out).toContain('./trail.json:61  no record of CloudTrail or AuditEvent');
  expect(out).toContain('./trail.json:62  a use that names no key');
  expect(json.unread.count).toBe(3);
  for (const part of ['SECRET', '\u001b', 'owned']) expect(out + JSON.stringify(json)).not.toContain(part);
});

test('1: rows that the signed ledger doesn’t have are left out, so they cover nothing up', async () => {
  const forged = { ...ROWS[20], requestId: 'theirs' } as JsonObject;
  const usage = ROWS.map((row, i) => `${canonicalJson(i === 20 ? forged : row)}\n`).join('');
  const theirs = { id: 'theirs', atMs: at(20) };
  const { exitCode, out, json } = await reconcile([...LOGGED, theirs], { 'usage.jsonl': usage });
  expect(exitCode).toBe(EXIT.failed);
  expect(out).toMatch(/^FAILED: 1 usage rows aren’t those of the signed ledger/);
  expect(json).toMatchObject({ ledger: { unbound: 1 }, outside: { count: 2 } });
});

test('1: with a bundle that is wrong otherwise, nothing is compared', async () => {
  const entries = Buffer.from(files.get('entries.jsonl') ?? '').toString();
  const { exitCode, out } = await reconcile(LOGGED, { 'entries.jsonl': entries.replace('"acme"', '"acmf"') });
  expect(exitCode).toBe(EXIT.failed);
  expect(out).toMatch(/^FAILED\n/);
});

test('2: a log that isn’t there', async () => {
  const out: string[] = [];
  const terminal = { ...processTerminal(), err: (text: string) => void out.push(text) };
  const missing = join(scratch, 'missing');
  expect(await run(['evidence', 'reconcile', scratch, missing], terminal)).toBe(EXIT.usage);
  expect(out.join('')).toContain('can’t be read');
});

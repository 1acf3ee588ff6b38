import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canonicalBytes, canonicalJson, type JsonObject } from '../../domain/canonical';
import type { Signer } from '../../domain/ports/signer';
import { bundleFiles } from '../../ledger/bundle';
import { readBundle, writeBundle } from '../../ledger/bundle-folder';
import { nodeSuite } from '../../ledger/node/suite';
import { openSigner } from '../../ledger/signer';
import { compactJws, createSignerKeys, KEY_FILES } from '../../ledger/signer-keys';
import { verifyBundle } from '../../ledger/verify/bundle';
import { usageRoot } from '../../ledger/verify/check-usage';
import { webSuite } from '../../ledger/verify/suite';
import { parseTrust } from '../../ledger/verify/trust';
import {
  DEPLOYMENT,
  type Evidence,
  evidenceOf,
  filesOf,
  newSigningKey,
  signHead,
  trustText,
} from '../harness/evidence-fixture';

const scratch = mkdtempSync(join(tmpdir(), 'smsk-bundle-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
let signers = 0;
async function newSigner(): Promise<Signer> {
  signers += 1;
  const folder = join(scratch, `signer-${signers}`);
  await createSignerKeys(folder);
  return openSigner({ folder, deployment: DEPLOYMENT, mode: 'development' });
}

let signer: Signer;
let evidence: Evidence;
let files: Map<string, Uint8Array>;
beforeAll(async () => {
  signer = await newSigner();
  evidence = await evidenceOf(signer);
  files = filesOf(evidence);
});

const codesOf = (verdict: { findings: readonly { code: string }[] }) => verdict.findings.map((f) => f.code);
const withFile = (name: string, content: string) => new Map(files).set(name, Buffer.from(content));
const text = (name: string) => Buffer.from(files.get(name) ?? '').toString();

test.each([
  ['node', nodeSuite],
  ['web', webSuite],
])('a whole bundle: verified by trusted keys, self-attested without (%s cryptography)', async (_, suite) => {
  const trust = parseTrust(suite, trustText(evidence));
  const size = evidence.input.entries.length;
  const verified = await verifyBundle(suite, files, { trust });
  expect(verified).toMatchObject({ verdict: 'verified', entries: size, findings: [] });
  expect(verified.checkpoint).toMatchObject({ size, mode: 'development' });
  expect(await verifyBundle(suite, files)).toMatchObject({ verdict: 'self-attested', findings: [] });
});

test('it survives its folder, which is not overwritten', async () => {
  const folder = join(scratch, 'out');
  await writeBundle(folder, files);
  const read = await readBundle(folder);
  expect(new Map([...read].map(([name, content]) => [name, Buffer.from(content).toString()]))).toEqual(
    new Map([...files].map(([name, content]) => [name, Buffer.from(content).toString()])),
  );
  await expect(writeBundle(folder, files)).rejects.toThrow('EEXIST');
});

test('a trust file that lacks a duty leaves the bundle self-attested', async () => {
  const lines = trustText(evidence).split('\n');
  const trust = parseTrust(nodeSuite, lines.filter((line) => !line.startsWith('custody')).join('\n'));
  expect((await verifyBundle(nodeSuite, files, { trust })).verdict).toBe('self-attested');
});

test('a bundle forged from end to end with other keys is self-attested, and failed by trusted ones', async () => {
  const forged = filesOf(await evidenceOf(await newSigner()));
  expect((await verifyBundle(nodeSuite, forged)).verdict).toBe('self-attested');
  const trust = parseTrust(nodeSuite, trustText(evidence));
  const verdict = await verifyBundle(nodeSuite, forged, { trust });
  expect(verdict.verdict).toBe('failed');
  expect(codesOf(verdict)).toEqual(
    expect.arrayContaining(['KEY_NOT_TRUSTED', 'CHECKPOINT_INVALID', 'SIGNATURE_INVALID']),
  );
});

test('an approval key that the customer does not know fails by its pinned ones', async () => {
  const pinned = trustText(evidence).replace(evidence.approver.jwk.kid, newSigningKey().jwk.kid);
  const verdict = await verifyBundle(nodeSuite, files, { trust: parseTrust(nodeSuite, pinned) });
  // With the first key falls what it vouched for, and what it approved.
  expect(codesOf(verdict)).toEqual([
    ...Array(3).fill('APPROVER_INVALID'),
    'SIGNATURE_INVALID',
    'EVIDENCE_MISSING',
  ]);
});

test('entries after the checkpoint, and what belongs to them, stay outside', async () => {
  const { input } = evidence;
  const young = await newSigner();
  const checkpoint = await signHead(young, input.entries.slice(0, 5));
  const bundle = bundleFiles({ ...input, checkpoint, vkey: (await young.keys()).checkpointVkey });
  const verdict = await verifyBundle(nodeSuite, bundle);
  expect(verdict).toMatchObject({ verdict: 'self-attested', entries: 5, findings: [] });
  expect(
    Buffer.from(bundle.get('statements.jsonl') ?? '')
      .toString()
      .split('\n'),
  ).toHaveLength(2);
  expect(() => bundleFiles({ ...input, entries: input.entries.slice(0, 3) })).toThrow(RangeError);
});

describe('an older checkpoint', () => {
  /** A second signer with the same keys and no memory: what a thief of the keys would have. */
  async function thief(): Promise<Signer> {
    signers += 1;
    const folder = join(scratch, `signer-${signers}`);
    await createSignerKeys(folder);
    for (const name of Object.values(KEY_FILES))
      copyFileSync(join(scratch, 'signer-1', name), join(folder, name));
    return openSigner({ folder, deployment: DEPLOYMENT, mode: 'development' });
  }

  test('that the ledger continues, or the same one', async () => {
    const { entries } = evidence.input;
    for (let size = 0; size <= entries.length; size += 1) {
      const since = await signHead(await thief(), entries.slice(0, size));
      const verdict = await verifyBundle(nodeSuite, files, { since });
      expect({ size, findings: verdict.findings }).toEqual({ size, findings: [] });
    }
  });

  test.each([
    [
      'another past',
      (entries: Uint8Array[]) => [entries[1] ?? new Uint8Array(), ...entries.slice(1, 6)],
      'rewritten',
    ],
    ['more entries', (entries: Uint8Array[]) => [...entries, Buffer.from('{}')], 'cut off'],
  ])('of %s', async (_, change, word) => {
    const since = await signHead(await thief(), change([...evidence.input.entries]));
    const verdict = await verifyBundle(nodeSuite, files, { since });
    expect(verdict.verdict).toBe('failed');
    expect(verdict.findings).toMatchObject([{ code: 'NOT_CONSISTENT', text: expect.stringContaining(word) }]);
  });

  test('of other keys, or rubbish', async () => {
    const other = await evidenceOf(await newSigner());
    for (const since of [other.input.checkpoint, 'rubbish']) {
      expect(codesOf(await verifyBundle(nodeSuite, files, { since }))).toEqual(['NOT_CONSISTENT']);
    }
  });
});

describe('signed texts that the ledger does not bear out', () => {
  test('a statement about an envelope that no entry stages', async () => {
    const statement = await signer.signStatement('envelope', {
      ...JSON.parse(Buffer.from(text('statements.jsonl').split('.')[1] ?? '', 'base64url').toString()),
      wrappedSha256: 'ef'.repeat(32),
    });
    const verdict = await verifyBundle(
      nodeSuite,
      withFile('statements.jsonl', `${text('statements.jsonl')}${statement}\n`),
    );
    expect(verdict.verdict).toBe('failed');
    expect(verdict.findings).toMatchObject([{ code: 'NOT_IN_LEDGER', line: 5 }]);
  });

  test('a dropped statement is only a notice, since statements are erased with their envelopes', async () => {
    const rest = text('statements.jsonl').split('\n').slice(1).join('\n');
    const verdict = await verifyBundle(nodeSuite, withFile('statements.jsonl', rest));
    expect(verdict).toMatchObject({ verdict: 'self-attested', findings: [{ code: 'STATEMENT_MISSING' }] });
  });

  test('dropped orders and approvals', async () => {
    expect(codesOf(await verifyBundle(nodeSuite, withFile('approvals.jsonl', '')))).toEqual([
      'EVIDENCE_MISSING',
    ]);
    const noOrder = await verifyBundle(nodeSuite, withFile('orders.jsonl', ''));
    expect(codesOf(noOrder)).toEqual(expect.arrayContaining(['EVIDENCE_MISSING', 'APPROVER_INVALID']));
  });

  test('an approval of another plan, an expired one, one signed twice', async () => {
    const line = text('approvals.jsonl');
    const payload = JSON.parse(Buffer.from(line.split('.')[1] ?? '', 'base64url').toString());
    const signed = (changed: object) =>
      `${compactJws(evidence.approver, 'smsk-approval+jws', canonicalBytes({ ...payload, ...changed }))}\n`;
    for (const changed of [{ planDigest: 'ef'.repeat(32) }, { exp: 1 }, { decision: 'reject' }]) {
      const verdict = await verifyBundle(nodeSuite, withFile('approvals.jsonl', signed(changed)));
      expect(codesOf(verdict)).toEqual(['NOT_IN_LEDGER']);
    }
    expect((await verifyBundle(nodeSuite, withFile('approvals.jsonl', line + line))).verdict).toBe('failed');
    const foreign = signed({ org: '5a0b1a52-9c6b-4ad1-9d3c-0d6f5a7f2c12' });
    expect(codesOf(await verifyBundle(nodeSuite, withFile('approvals.jsonl', line + foreign)))).toEqual([
      'OTHER_ORGANIZATION',
    ]);
  });

  test('usage rows changed, dropped, of a minute without entry', async () => {
    const rows = text('usage.jsonl');
    for (const wrong of [rows.replace('request-2', 'request-9'), rows.slice(rows.indexOf('\n') + 1)]) {
      expect(codesOf(await verifyBundle(nodeSuite, withFile('usage.jsonl', wrong)))).toEqual([
        'USAGE_MISMATCH',
      ]);
    }
    const elsewhere = rows.replaceAll('00:01:0', '00:02:0');
    expect(codesOf(await verifyBundle(nodeSuite, withFile('usage.jsonl', elsewhere)))).toEqual([
      'USAGE_MISMATCH',
    ]);
    // A minute between two that are there.
    const { input } = evidence;
    const row = (minute: string) => ({ at: minute.replace('00.000', '30.000'), requestId: minute });
    const minutes = ['10', '11', '12', '13'].map((minute) => `2026-01-01T01:${minute}:00.000Z`);
    const first = JSON.parse(Buffer.from(input.entries[0] ?? '').toString()) as JsonObject;
    const entries = [
      ...input.entries,
      ...minutes.map((minute, i) => {
        const root = usageRoot(nodeSuite, [canonicalJson(row(minute))]);
        const body = { minute, calls: 1, operations: 1, root };
        return canonicalBytes({ ...first, type: 'usage', index: input.entries.length + i, body });
      }),
    ];
    const young = await newSigner();
    const checkpoint = await signHead(young, entries);
    const vkey = (await young.keys()).checkpointVkey;
    const judge = (usage: JsonObject[]) =>
      verifyBundle(nodeSuite, bundleFiles({ ...input, statements: [], entries, checkpoint, vkey, usage }));
    const [a, b, c, d] = minutes.map(row);
    const isUsage = ({ code }: { code: string }) => code === 'USAGE_MISMATCH';
    if (!a || !b || !c || !d) throw new Error('four rows');
    expect((await judge([a, c])).findings.filter(isUsage)).toMatchObject([
      { text: expect.stringContaining(`the rows of ${minutes[1]}`) },
    ]);
    const part = await judge([b, c]);
    expect(part.findings.filter(isUsage)).toEqual([]);
    expect(part.usage).toEqual({ from: minutes[1], to: minutes[2], rows: 2 });
    const without = new Map(files);
    without.delete('usage.jsonl');
    expect((await verifyBundle(nodeSuite, without)).verdict).toBe('self-attested');
  });
});

test('an empty folder and rubbish get findings, not exceptions', async () => {
  expect((await verifyBundle(nodeSuite, new Map())).verdict).toBe('failed');
  const rubbish = new Map([...files.keys()].map((name) => [name, Uint8Array.of(0xff, 0, 0x0a, 0x7b, 0x22)]));
  expect((await verifyBundle(nodeSuite, rubbish)).verdict).toBe('failed');
});

test.each([
  'checkpoint',
  'checkpoint novantra-eu+00000000+AAAA',
  'custody {"kty":"RSA"}',
  'custody not-json',
  'approver short',
  'actor {"kty":"RSA"}',
  'somebody x',
])('a trust file with the line "%s" is refused by its line number', (line) => {
  expect(() => parseTrust(nodeSuite, `# remark\n\n${line}\n`)).toThrow('line 3');
});

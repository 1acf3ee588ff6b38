import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canonicalBytes, type JsonObject } from '../../domain/canonical';
import type { Signer } from '../../domain/ports/signer';
import { bundleFiles } from '../../ledger/bundle';
import { nodeSuite } from '../../ledger/node/suite';
import { openSigner } from '../../ledger/signer';
import { compactJws, createSignerKeys, type SigningKey } from '../../ledger/signer-keys';
import { verifyBundle } from '../../ledger/verify/bundle';
import {
  DEPLOYMENT,
  type Evidence,
  evidenceOf,
  filesOf,
  newSigningKey,
  signHead,
} from '../harness/evidence-fixture';

/** Who could approve is a chain of signatures, each by a key that counted at its entry. */
const scratch = mkdtempSync(join(tmpdir(), 'smsk-approvers-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
let signers = 0;
async function newSigner(): Promise<Signer> {
  signers += 1;
  const folder = join(scratch, `signer-${signers}`);
  await createSignerKeys(folder);
  return openSigner({ folder, deployment: DEPLOYMENT, mode: 'development' });
}

let evidence: Evidence;
let files: Map<string, Uint8Array>;
beforeAll(async () => {
  evidence = await evidenceOf(await newSigner());
  files = filesOf(evidence);
});
const withFile = (name: string, content: string) => new Map(files).set(name, Buffer.from(content));
const text = (name: string) => Buffer.from(files.get(name) ?? '').toString();

const FIRST = 10;
const lineOf = (n: number) => text('enrolments.jsonl').split('\n')[n] ?? '';
const payloadOf = (line: string) =>
  JSON.parse(Buffer.from(line.split('.')[1] ?? '', 'base64url').toString()) as object;
const sha256 = (jws: string) => createHash('sha256').update(jws).digest('hex');

/** The whole ledger as its writer would make it, around another word for the entry: signed and all. */
async function rewritten(entry: number, jws: string, change: (body: Body) => Body = (body) => body) {
  const { input } = evidence;
  const old = lineOf(entry - FIRST);
  const entries = input.entries.map((bytes, index) => {
    if (index !== entry) return bytes;
    const line = JSON.parse(Buffer.from(bytes).toString().replace(sha256(old), sha256(jws))) as JsonObject;
    return canonicalBytes({ ...line, body: change(line['body'] as Body) });
  });
  const young = await newSigner();
  const statements: string[] = [];
  return bundleFiles({
    ...input,
    entries,
    statements,
    checkpoint: await signHead(young, entries),
    vkey: (await young.keys()).checkpointVkey,
    enrolments: input.enrolments.map((each) => (each === old ? jws : each)),
  });
}
type Body = JsonObject;
const sign = (by: SigningKey, n: number, changed: object = {}) =>
  compactJws(by, 'smsk-enrolment+jws', canonicalBytes({ ...payloadOf(lineOf(n)), ...changed }));
const errorsOf = async (bundle: Map<string, Uint8Array>) => {
  const { findings } = await verifyBundle(nodeSuite, bundle);
  return findings.filter(({ severity }) => severity === 'error').map(({ code, file }) => `${file} ${code}`);
};

test('as they are, in a ledger signed anew', async () => {
  expect(await errorsOf(await rewritten(FIRST, lineOf(0)))).toEqual([]);
});

test('a dropped word, a word of no entry, the same word twice', async () => {
  const whole = text('enrolments.jsonl');
  const stray = sign(evidence.approver, 0, { nonce: 'x'.repeat(22) });
  expect(await errorsOf(withFile('enrolments.jsonl', `${lineOf(0)}\n`))).toEqual([
    'enrolments.jsonl EVIDENCE_MISSING',
    'approver-keys.json APPROVER_INVALID',
  ]);
  expect(await errorsOf(withFile('enrolments.jsonl', `${lineOf(1)}\n`))).toContain(
    'enrolments.jsonl EVIDENCE_MISSING',
  );
  expect(await errorsOf(withFile('enrolments.jsonl', `${whole}${stray}\n`))).toEqual([
    'enrolments.jsonl NOT_IN_LEDGER',
  ]);
  expect(await errorsOf(withFile('enrolments.jsonl', `${whole}${lineOf(0)}\n`))).toEqual([
    'enrolments.jsonl FILE_MALFORMED',
  ]);
});

test.each<[string, number, () => string, string]>([
  ['a key enrolled by a stranger', 0, () => sign(newSigningKey(), 0), 'SIGNATURE_INVALID'],
  [
    'a stranger’s signature under the enrolled key’s name',
    0,
    () => sign({ ...newSigningKey(), jwk: evidence.approver.jwk }, 0),
    'SIGNATURE_INVALID',
  ],
  [
    'a removal by the key that it removes, not the one said',
    1,
    () => sign(evidence.approver, 1),
    'SIGNATURE_INVALID',
  ],
  ['an enrolment that had expired', 0, () => sign(evidence.approver, 0, { exp: 1 }), 'NOT_IN_LEDGER'],
  [
    'one for another organization',
    0,
    () => sign(evidence.approver, 0, { org: '5a0b1a52-9c6b-4ad1-9d3c-0d6f5a7f2c12' }),
    'OTHER_ORGANIZATION',
  ],
  [
    'a removal by a spent nonce',
    1,
    () => sign(evidence.second, 1, { nonce: 'e'.repeat(22) }),
    'NOT_IN_LEDGER',
  ],
  [
    'one in another’s name',
    0,
    () => sign(evidence.approver, 0, { credentialId: evidence.second.jwk.kid }),
    'FILE_MALFORMED',
  ],
])('%s', async (_, n, jws, code) => {
  expect(await errorsOf(await rewritten(FIRST + n, jws()))).toEqual(
    expect.arrayContaining([`enrolments.jsonl ${code}`, 'approver-keys.json APPROVER_INVALID']),
  );
});

test('a true word for another key than the one enrolled or removed', async () => {
  const { kid: _, ...other } = newSigningKey().jwk;
  for (const [n, jws] of [
    [0, sign(evidence.approver, 0, { publicJwk: other })],
    [1, sign(evidence.second, 1, { removes: evidence.second.jwk.kid })],
  ] as const) {
    expect(await errorsOf(await rewritten(FIRST + n, jws))).toContain('approver-keys.json APPROVER_INVALID');
  }
});

test('a removed key removes nobody, and one that was removed doesn’t come back', async () => {
  const { input, approver } = evidence;
  const { kid, ...publicJwk } = approver.jwk;
  const entry = (change: object, index: number) =>
    canonicalBytes({
      ...(JSON.parse(Buffer.from(input.entries[1] ?? '').toString()) as JsonObject),
      ...change,
      index,
    });
  const removal = sign(approver, 1, {
    removes: evidence.second.jwk.kid,
    credentialId: kid,
    nonce: 'z'.repeat(22),
  });
  for (const [body, type] of [
    [
      {
        credentialId: evidence.second.jwk.kid,
        by: { kind: 'approver', credentialId: kid },
        enrolmentSha256: sha256(removal),
      },
      'approver-removed',
    ],
    [{ key: { credentialId: kid, publicJwk }, by: { kind: 'order', orderRef: 'PO-1' } }, 'approver-enrolled'],
  ] as const) {
    const entries = [...input.entries, entry({ type, body }, input.entries.length)];
    const young = await newSigner();
    const bundle = bundleFiles({
      ...input,
      entries,
      enrolments: [...input.enrolments, removal],
      statements: [],
      checkpoint: await signHead(young, entries),
      vkey: (await young.keys()).checkpointVkey,
    });
    expect(await errorsOf(bundle)).toEqual(['approver-keys.json APPROVER_INVALID']);
  }
});

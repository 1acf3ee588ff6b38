import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { nodeSuite } from '../../ledger/node/suite';
import { openSigner } from '../../ledger/signer';
import { createSignerKeys } from '../../ledger/signer-keys';
import { verifyBundle } from '../../ledger/verify/bundle';
import type { Finding, FindingCode } from '../../ledger/verify/findings';
import { locateDifferences } from '../../ledger/verify/locate';
import { concatHashes, leafHash } from '../../ledger/verify/tree';
import { DEPLOYMENT, evidenceOf, filesOf } from '../harness/evidence-fixture';

const folder = mkdtempSync(join(tmpdir(), 'smsk-tamper-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files: Map<string, Uint8Array>;
let lines: string[];
beforeAll(async () => {
  await createSignerKeys(folder);
  const signer = await openSigner({ folder, deployment: DEPLOYMENT, mode: 'development' });
  files = filesOf(await evidenceOf(signer, 12));
  lines = Buffer.from(files.get('entries.jsonl') ?? '')
    .toString()
    .split('\n')
    .slice(0, -1);
});

const LINE_CODES: FindingCode[] = ['LINE_CHANGED', 'LINE_DROPPED', 'LINE_ADDED', 'LINE_MOVED'];

async function findingsFor(entries: string | Uint8Array): Promise<readonly Finding[]> {
  const { verdict, findings } = await verifyBundle(
    nodeSuite,
    new Map(files).set('entries.jsonl', Buffer.from(entries)),
  );
  expect(verdict).toBe('failed');
  return findings;
}

/** What the findings say of lines: `CHANGED 3` and so on. */
async function located(changed: readonly string[]): Promise<string[]> {
  const findings = await findingsFor(changed.map((line) => `${line}\n`).join(''));
  return findings.filter((f) => LINE_CODES.includes(f.code)).map((f) => `${f.code.slice(5)} ${f.line}`);
}

const position = fc.nat(21);

test('a changed byte anywhere in the entries is found, and its line named', async () => {
  const file = Buffer.from(files.get('entries.jsonl') ?? '');
  await fc.assert(
    fc.asyncProperty(fc.nat(file.length - 1), fc.integer({ min: 1, max: 255 }), async (at, difference) => {
      const changed = Buffer.from(file);
      changed[at] = (changed[at] ?? 0) ^ difference;
      const line = file.subarray(0, at).filter((byte) => byte === 0x0a).length + 1;
      const named = (await findingsFor(changed))
        .filter((f) => LINE_CODES.includes(f.code))
        .map((f) => f.line);
      expect(named).toContain(line);
      // A newline made or lost touches the next line as well; nothing else does.
      for (const other of named) expect([line, line + 1]).toContain(other);
    }),
    { numRuns: 300 },
  );
});

test('a dropped line is named', async () => {
  for (let i = 0; i < lines.length; i += 1) {
    expect(await located(lines.toSpliced(i, 1))).toEqual([`DROPPED ${i + 1}`]);
  }
});

test('an added line is named, a copy of another too', async () => {
  await fc.assert(
    fc.asyncProperty(position, fc.option(position), async (at, copied) => {
      const line = copied === null ? '{"index":99}' : (lines[copied] ?? '');
      const named = await located(lines.toSpliced(at, 0, line));
      expect(named).toHaveLength(1);
      expect(named[0]).toMatch(/^ADDED/);
      // Beside its original a copy is as good as it.
      const line1 = Number(named[0]?.split(' ')[1]);
      expect(line1 === at + 1 || lines.toSpliced(at, 0, line)[line1 - 1] === line).toBe(true);
    }),
  );
});

test('moved and swapped lines are named', async () => {
  await fc.assert(
    fc.asyncProperty(position, position, async (a, b) => {
      fc.pre(a !== b);
      const swapped = lines.with(a, lines[b] ?? '').with(b, lines[a] ?? '');
      const named = await located(swapped);
      // Of two neighbours either may be said to have moved; of others, both.
      expect(named.every((name) => name.startsWith('MOVED'))).toBe(true);
      expect(named.some((name) => [`MOVED ${a + 1}`, `MOVED ${b + 1}`].includes(name))).toBe(true);
      const moved = lines.toSpliced(a, 1).toSpliced(b, 0, lines[a] ?? '');
      const [one] = await located(moved);
      expect(one).toMatch(/^MOVED/);
    }),
  );
});

test('several at once are each named', async () => {
  const changed = lines.with(2, '{"index":2}').toSpliced(10, 1).toSpliced(5, 0, '{}');
  expect((await located(changed)).sort()).toEqual(['ADDED 6', 'CHANGED 3', 'DROPPED 11']);
});

test('any changed byte of any other file is found, and in that file', async () => {
  const others = [...files.keys()].filter((name) => name !== 'entries.jsonl' && name !== 'README.txt');
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...others),
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      async (name, pick, xor) => {
        const content = Buffer.from(files.get(name) ?? '');
        const at = pick % content.length;
        content[at] = (content[at] ?? 0) ^ xor;
        const { verdict, findings } = await verifyBundle(nodeSuite, new Map(files).set(name, content));
        expect({ name, at, xor, verdict }).toEqual({ name, at, xor, verdict: 'failed' });
        // A changed key shows where its signatures are: in the file that it is for.
        const shown = { vkey: 'checkpoint', 'keys.json': 'statements.jsonl' }[name] ?? name;
        const also = name === 'keys.json' ? 'orders.jsonl' : name;
        expect(findings.some((f) => [name, shown, also].includes(f.file))).toBe(true);
      },
    ),
    { numRuns: 500 },
  );
});

test('hashes altered to fit altered entries are found as that', async () => {
  const entry = '{"index":4}';
  const changed = lines.with(4, entry);
  const hashes = Buffer.from(files.get('hashes') ?? '')
    .toString()
    .split('\n');
  const fitting = hashes
    .with(4, Buffer.from(leafHash(nodeSuite, Buffer.from(entry))).toString('hex'))
    .join('\n');
  const tampered = new Map(files)
    .set('entries.jsonl', Buffer.from(`${changed.join('\n')}\n`))
    .set('hashes', Buffer.from(fitting));
  const { verdict, findings } = await verifyBundle(nodeSuite, tampered);
  expect(verdict).toBe('failed');
  expect(findings.map((f) => f.code)).toEqual(expect.arrayContaining(['ROOT_MISMATCH', 'HASHES_ALTERED']));
});

test('lines that kept their order are never called moved', () => {
  const hash = (n: number) => leafHash(nodeSuite, Buffer.from([n]));
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.nat(255), { maxLength: 30 }),
      fc.array(fc.boolean(), { maxLength: 30 }),
      (all, keep) => {
        const kept = all.filter((_, i) => keep[i] ?? true);
        const differences = locateDifferences(concatHashes(all.map(hash)), concatHashes(kept.map(hash)));
        expect(differences.every((d) => d.kind === 'dropped')).toBe(true);
        expect(differences).toHaveLength(all.length - kept.length);
      },
    ),
  );
});

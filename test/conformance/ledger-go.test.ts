import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deploymentId } from '../../domain/intake/fields';
import { nodeSuite } from '../../ledger/node/suite';
import { openSigner } from '../../ledger/signer';
import { createSignerKeys } from '../../ledger/signer-keys';
import { originOf } from '../../ledger/verify/checkpoint';
import { consistencyProof, verifyConsistency } from '../../ledger/verify/consistency';
import { inclusionProof, verifyInclusion } from '../../ledger/verify/inclusion';
import { verifyNote } from '../../ledger/verify/note';
import { concatHashes, hashAt, leafHash, rootOfLeaves } from '../../ledger/verify/tree';
import { parseVkey } from '../../ledger/verify/vkey';
import { optional } from '../harness/optional';

// What we write is read by golang.org/x/mod/sumdb and transparency-dev/merkle, and the other way round.
// Go and its module proxy aren't among what the README's two commands install: without them there's no such test.
const SOURCE = join(__dirname, 'ledger-go');
const scratch = mkdtempSync(join(tmpdir(), 'smsk-go-'));
const program = join(scratch, 'ledger-conformance');
const built = spawnSync('go', ['build', '-o', program, '.'], {
  cwd: SOURCE,
  encoding: 'utf8',
  timeout: 300_000,
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
// A build that took too long is no machine without Go.
const isThere = (built.error as NodeJS.ErrnoException | undefined)?.code !== 'ENOENT';
const hasGo = isThere && !/dial tcp|lookup .* no such host/.test(built.stderr);

interface Answer {
  vkey: string;
  note: string;
  inclusion: { index: number; size: number; proof: string[] }[];
  consistency: { oldSize: number; newSize: number; proof: string[] }[];
}

const SIZE = 33;
const entries = Array.from({ length: SIZE }, (_, i) => Buffer.from(`{"index":${i}}`));
const leaves = concatHashes(entries.map((entry) => leafHash(nodeSuite, entry)));
const part = (size: number) => leaves.subarray(0, size * 32);
const roots = Array.from({ length: SIZE + 1 }, (_, size) => rootOfLeaves(nodeSuite, part(size)));
const head = (size: number) => ({ size, root: roots[size] ?? new Uint8Array() });
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
const pairs = Array.from({ length: SIZE }, (_, i) => i + 1).flatMap((large) =>
  Array.from({ length: large }, (_, small) => [small, large] as const),
);

optional('the ledger and Go', hasGo ? null : 'have go on PATH and reach its module proxy', () => {
  test('every root, every proof and the note, read by Go; its proofs and note, read by us', async () => {
    expect({ status: built.status, stderr: built.stderr }).toEqual({ status: 0, stderr: '' });
    const deployment = deploymentId.parse('novantra-eu');
    const folder = join(scratch, 'signer');
    await createSignerKeys(folder);
    const signer = await openSigner({ folder, deployment, mode: 'production' });
    const origin = originOf(deployment, '5a0b1a52-9c6b-4ad1-9d3c-0d6f5a7f2c11');
    const note = await signer.signCheckpoint({ origin, ...head(SIZE), consistencyProof: [] });
    const input = {
      vkey: (await signer.keys()).checkpointVkey,
      note,
      origin,
      entries: entries.map(base64),
      roots: roots.map(base64),
      inclusion: pairs.map(([index, size]) => ({
        index,
        size,
        proof: inclusionProof(nodeSuite, part(size), index).map(base64),
      })),
      // From an empty tree there's nothing to prove, and Go won't.
      consistency: pairs
        .map(([oldSize, newSize]) => ({ oldSize: oldSize + 1, newSize }))
        .map(({ oldSize, newSize }) => ({
          oldSize,
          newSize,
          proof: consistencyProof(nodeSuite, part(newSize), oldSize).map(base64),
        })),
    };
    const answer: Answer = JSON.parse(
      execFileSync(program, {
        input: JSON.stringify(input),
        encoding: 'utf8',
        timeout: 30_000,
        maxBuffer: 64 << 20,
      }),
    );
    expect(answer.inclusion).toHaveLength(pairs.length);
    for (const { index, size, proof } of answer.inclusion) {
      const claim = { index, leaf: hashAt(leaves, index), ...head(size) };
      expect(
        verifyInclusion(
          nodeSuite,
          claim,
          proof.map((hash) => Buffer.from(hash, 'base64')),
        ),
      ).toBe(true);
    }
    for (const { oldSize, newSize, proof } of answer.consistency) {
      const path = proof.map((hash) => Buffer.from(hash, 'base64'));
      expect(verifyConsistency(nodeSuite, head(oldSize), head(newSize), path)).toBe(true);
    }
    const key = parseVkey(nodeSuite, answer.vkey);
    const { text } = await verifyNote(nodeSuite, answer.note, key === undefined ? [] : [key]);
    expect(text).toBe(note.slice(0, text.length));
  });
});

import { randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LedgerIndex } from '../../domain/ids';
import { organizationId } from '../../domain/intake/fields';
import type { PublishedPart } from '../../domain/ports/publication';
import { type PublicationDisk, publicationDisk, publicationFolder } from '../../ledger/publication-folder';

const organization = organizationId.parse('5a0b1a52-9c6b-4ad1-9d3c-0d6f5a7f2c11');
const part = (from: number, size: number): PublishedPart => ({
  organization,
  from,
  size,
  frontier: Uint8Array.of(size),
  checkpoint: `a note of ${size}\nand its signature\n`,
  texts: [{ index: from as LedgerIndex, kind: 'order', text: 'a\nb' }],
  lines: Array.from({ length: size - from }, (_, i) => `{"index":${from + i}}`),
});

/** What can go wrong with a step: never done; half done; done, but nobody heard of it. */
const FAULTS = ['lost', 'torn', 'answer lost'] as const;
type Fault = (typeof FAULTS)[number];

function faultyDisk(failAt: number, fault: Fault, trace: string[] = []): PublicationDisk {
  const step = async (name: string, whole: () => Promise<void>, half: () => Promise<void>) => {
    trace.push(name);
    if (trace.length - 1 !== failAt) return whole();
    if (fault === 'torn') await half();
    if (fault === 'answer lost') await whole();
    throw new Error('I/O error');
  };
  const nothing = async () => {};
  const { write, rename, makeFolder, syncFolder } = publicationDisk;
  return {
    ...publicationDisk,
    write: (path, bytes) =>
      step(
        'write',
        () => write(path, bytes),
        () => write(path, bytes.subarray(0, bytes.length / 2)),
      ),
    rename: (from, to) => step('rename', () => rename(from, to), nothing),
    makeFolder: (path) => step('makeFolder', () => makeFolder(path), nothing),
    syncFolder: (path) => step('syncFolder', () => syncFolder(path), nothing),
  };
}

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'smsk-published-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const over = (disk?: PublicationDisk) =>
  publicationFolder({ folder, uuid: randomUUID, ...(disk === undefined ? {} : { disk }) });
const indexes = async () => {
  const read = new Set<string>();
  for await (const { lines } of over().parts(organization)) for (const line of lines) read.add(line);
  return [...read].map((line) => (JSON.parse(line) as { index: number }).index);
};

test('inv09: a crash at any step leaves a part whole or not at all; the next try publishes it', async () => {
  const trace: string[] = [];
  await over(faultyDisk(-1, 'lost', trace)).publish(part(0, 3));
  expect(trace).toEqual(['makeFolder', 'write', 'rename', 'syncFolder', 'syncFolder']);
  for (let at = 0; at < trace.length; at += 1) {
    for (const fault of FAULTS) {
      rmSync(folder, { recursive: true, force: true });
      await over().publish(part(0, 3));
      await expect(over(faultyDisk(at, fault)).publish(part(3, 5))).rejects.toThrow('I/O error');
      expect([3, 5]).toContain((await over().latest(organization))?.size);
      await over().publish(part(3, 5));
      expect({ at, fault, latest: await over().latest(organization) }).toMatchObject({
        latest: part(3, 5),
      });
      expect(await indexes()).toEqual([0, 1, 2, 3, 4]);
    }
  }
});

test('inv09: a part that is there is never written over, and one that overlaps another adds its rest', async () => {
  await over().publish(part(0, 3));
  await over().publish({ ...part(0, 3), checkpoint: 'another' });
  expect(await over().latest(organization)).toEqual(part(0, 3));
  await over().publish(part(0, 5));
  expect(await indexes()).toEqual([0, 1, 2, 3, 4]);
});

test('a part that is missing between others, or cut off, is not read as if it were whole', async () => {
  await over().publish(part(3, 5));
  await expect(indexes()).rejects.toMatchObject({ name: 'PublicationUnusable' });
});

test('nothing published is nothing, and a finding is kept once', async () => {
  expect(await over().latest(organization)).toBeNull();
  const finding = { finding: 'entry-missing', index: 3 };
  await over().report(organization, [finding]);
  await over().report(organization, [finding]);
  await over().report(organization, [finding, { finding: 'head-differs', entries: 5 }]);
  expect(readdirSync(join(folder, organization))).toHaveLength(2);
});

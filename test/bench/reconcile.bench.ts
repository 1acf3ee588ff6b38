/**
 * `smsk evidence reconcile` over one export of CloudTrail, beside the least that a program in Node does with it: lines
 * read one by one (`node:readline`), and `JSON.parse` of each. Per second of CPU. And the memory it takes: the most that
 * is held while 1,000,000 records go by, over what is held while 100,000 do.
 */
import { createReadStream, createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Claims } from '../../cli/evidence/reconcile/claims';
import { piecesOf } from '../../cli/evidence/reconcile/export-files';
import { providerRecordOf } from '../../cli/evidence/reconcile/read-record';
import { Reconciliation } from '../../cli/evidence/reconcile/reconciliation';
import { cloudTrail, KEYS } from '../unit/reconcile/records';
import { inFolder } from './folder';
import { collectGarbage, comparePairs, cpuSeconds } from './pairs';
import type { BenchResult } from './result';

const BEGIN = Date.parse('2026-03-01T00:00:00.000Z');
const ROWS = 50_000;
const PAIRS = 5;
const TARGET = 0.35;
const FLAT = 1.2;

export const reconcileBench = (): Promise<BenchResult[]> =>
  inFolder(async (folder) => {
    const small = await exportOf(join(folder, 'small.jsonl'), 100_000);
    const large = await exportOf(join(folder, 'large.jsonl'), 1_000_000);
    const rate = await comparePairs(
      {
        name: 'reconcile, records per CPU-second, beside readline and JSON.parse',
        unit: 'records per CPU-second',
        pairs: PAIRS,
        bound: 'at-least',
        target: TARGET,
      },
      async () => 100_000 / (await cpuSeconds(() => reconciled(small))),
      async () => 100_000 / (await cpuSeconds(() => parsed(small))),
    );
    const memory = await comparePairs(
      {
        name: 'reconcile, memory of 1,000,000 records beside 100,000',
        unit: 'MB',
        pairs: 1,
        bound: 'at-most',
        target: FLAT,
      },
      () => mostHeld(large),
      () => mostHeld(small),
    );
    return [rate, memory];
  });

/** Every second record is one that the ledger has, as long as there are rows; the others are of other keys. */
async function exportOf(file: string, records: number): Promise<string> {
  const lines = function* () {
    for (let i = 0; i < records; i += 1) {
      const key = i % 2 === 0 && i < 2 * ROWS ? KEYS['aws-kms'] : `${KEYS['aws-kms']}${i % 100}`;
      yield `${JSON.stringify(cloudTrail({ id: `request-${i}`, atMs: BEGIN + i * 10, key }))}\n`;
    }
  };
  await pipeline(Readable.from(lines()), createWriteStream(file));
  return file;
}

const claims: Claims = {
  rows: Array.from({ length: ROWS }, (_, i) => ({
    requestId: `request-${2 * i}`,
    provider: 'aws-kms' as const,
    key: KEYS['aws-kms'],
    atMs: BEGIN + i * 20,
    purpose: 'decrypt',
    operations: 1,
  })),
  named: new Set(),
  keys: new Set([KEYS['aws-kms']]),
  window: { fromMs: BEGIN, toMs: BEGIN + 86_400_000 },
  unbound: 0,
  platform: 0,
};

async function reconciled(file: string, atChunk: () => void = () => undefined): Promise<void> {
  const reconciliation = new Reconciliation(claims);
  for await (const pieces of piecesOf(file)) {
    for (const piece of pieces) {
      const record = 'json' in piece ? providerRecordOf(piece.json) : null;
      if (record === null || record === 'unrelated') throw new Error('a record was not read');
      reconciliation.add(record);
    }
    atChunk();
  }
  const { matched, outside } = reconciliation.result();
  if (matched.done !== ROWS || outside.count !== 0) throw new Error('the comparison is wrong');
}

async function parsed(file: string): Promise<void> {
  for await (const line of createInterface({ input: createReadStream(file) })) JSON.parse(line);
}

/** Live objects, garbage collected first every 64 chunks, in MB. */
async function mostHeld(file: string): Promise<number> {
  let most = 0;
  let chunks = 0;
  await reconciled(file, () => {
    chunks += 1;
    if (chunks % 64 !== 0) return;
    collectGarbage();
    const { heapUsed, external } = process.memoryUsage();
    most = Math.max(most, (heapUsed + external) / 1e6);
  });
  return most;
}

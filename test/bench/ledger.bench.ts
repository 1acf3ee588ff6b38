/**
 * Checking a whole evidence bundle (canonical form, leaves, tree, hashes, checkpoint, signed texts) beside hashing
 * the same lines once, each by `createHash('sha256').update(line).digest()`: what any program in Node would do.
 * For comparison, without a bound: beside the fastest there is, one digest over the unbroken file, which gives
 * no hash per line and so could check nothing of a tree. Per second of CPU.
 */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeSuite } from '../../ledger/node/suite';
import { openSigner } from '../../ledger/signer';
import { createSignerKeys } from '../../ledger/signer-keys';
import { verifyBundle } from '../../ledger/verify/bundle';
import { parseTrust } from '../../ledger/verify/trust';
import { DEPLOYMENT, evidenceOf, filesOf, trustText } from '../harness/evidence-fixture';
import { comparePairs, cpuSeconds } from './pairs';
import type { BenchResult } from './result';

const PAIRS = 9;
const ENTRIES = 50_000;
const TARGET = 0.5;

export async function ledgerVerifyBench(): Promise<BenchResult[]> {
  const folder = mkdtempSync(join(tmpdir(), 'smsk-bench-'));
  try {
    await createSignerKeys(folder);
    const signer = await openSigner({ folder, deployment: DEPLOYMENT, mode: 'development' });
    const evidence = await evidenceOf(signer, ENTRIES);
    const files = filesOf(evidence);
    // The provider's calls are other lines than those that the reference hashes.
    files.delete('usage.jsonl');
    const trust = parseTrust(nodeSuite, trustText(evidence));
    const lines = evidence.input.entries;
    const whole = files.get('entries.jsonl') ?? new Uint8Array();
    const megabytes = whole.length / 1e6;
    const ours = async () => {
      const { verdict } = await verifyBundle(nodeSuite, files, { trust });
      if (verdict !== 'verified') throw new Error(`the bundle is ${verdict}`);
    };
    const perLine = () => {
      for (const line of lines) createHash('sha256').update(line).digest();
    };
    const unbroken = () => {
      createHash('sha256').update(whole).digest();
    };
    return [
      await compare(
        'ledger verify, per CPU-second, beside SHA-256 of each line',
        megabytes,
        ours,
        perLine,
        TARGET,
      ),
      await compare(
        'ledger verify, per CPU-second, beside one unbroken SHA-256',
        megabytes,
        ours,
        unbroken,
        0,
      ),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

type Work = () => void | Promise<void>;

function compare(
  name: string,
  megabytes: number,
  ours: Work,
  reference: Work,
  target: number,
): Promise<BenchResult> {
  const rate = async (work: Work) => megabytes / (await cpuSeconds(work));
  return comparePairs(
    { name, unit: 'MB of entries per CPU-second', pairs: PAIRS, bound: 'at-least', target },
    () => rate(ours),
    () => rate(reference),
  );
}

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deploymentId } from '../../domain/intake/fields';
import {
  append,
  concatHashes,
  consistencyProof,
  createSignerKeys,
  EMPTY_FRONTIER,
  leafHash,
  nodeSuite,
  openSigner,
  originOf,
  parseVkey,
  rootOf,
  verifyCheckpoint,
} from '../../ledger/index';

// The example of ledger/index.ts, compiled and run.
test('append, sign, check', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'smsk-example-'));
  try {
    await createSignerKeys(folder);
    const deployment = deploymentId.parse('novantra-eu');
    const signer = await openSigner({ folder, deployment, mode: 'development' });
    const origin = originOf(deployment, '5a0b1a52-9c6b-4ad1-9d3c-0d6f5a7f2c11');
    const key = parseVkey(nodeSuite, (await signer.keys()).checkpointVkey);
    if (key === undefined) throw new Error('not a vkey');
    let frontier = EMPTY_FRONTIER;
    const hashes: Uint8Array[] = [];
    for (const entry of ['{"index":0}', '{"index":1}', '{"index":2}']) {
      const leaf = leafHash(nodeSuite, Buffer.from(entry));
      const next = append(nodeSuite, frontier, leaf);
      hashes.push(leaf);
      const leaves = concatHashes(hashes);
      const last = await signer.lastHead(origin);
      const note = await signer.signCheckpoint({
        origin,
        size: next.size,
        root: rootOf(nodeSuite, next),
        consistencyProof: consistencyProof(nodeSuite, leaves, last?.size ?? 0),
      });
      frontier = next;
      const { checkpoint } = await verifyCheckpoint(nodeSuite, note, [key]);
      expect(checkpoint).toEqual({
        origin,
        size: next.size,
        root: rootOf(nodeSuite, next),
        mode: 'development',
      });
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

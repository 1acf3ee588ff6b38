import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deploymentId, organizationId } from '../../../domain/intake/fields';
import type { Signer } from '../../../domain/ports/signer';
import { nodeDisk } from '../../../ledger/disk';
import { nodeSuite } from '../../../ledger/node/suite';
import { openSigner } from '../../../ledger/signer';
import { signerClient } from '../../../ledger/signer-client';
import { openSignerDoor } from '../../../ledger/signer-door';
import { EVERY_REFUSAL } from '../../../ledger/signer-errors';
import { createSignerKeys } from '../../../ledger/signer-keys';
import { originOf } from '../../../ledger/verify/checkpoint';
import { concatHashes, leafHash, rootOfLeaves } from '../../../ledger/verify/tree';
import { createSignerMetrics } from '../../../runtime/signer-metrics';
import { countedSigner } from '../../../workers/counted-signer';
import { samplesOf } from './evaluate';

const deployment = deploymentId.parse('novantra-eu');
const acme = organizationId.parse('5a0b1a52-9c6b-4ad1-9d3c-0d6f5a7f2c11');
const token = 'worker'.repeat(8);
const TARGET = { instance: 'signer-1', job: 'smsk' };

/** A signer behind its door, as its process composes it, and those who ask it. */
export class CountedSigner {
  private constructor(
    private readonly metrics: ReturnType<typeof createSignerMetrics>,
    readonly client: Signer,
    /** Without the token. */
    readonly stranger: Signer,
    /** From now on nothing can be written durably. */
    readonly failDisk: () => void,
    readonly close: () => Promise<void>,
  ) {}

  static async open(): Promise<CountedSigner> {
    const folder = mkdtempSync(join(tmpdir(), 'smsk-signer-'));
    await createSignerKeys(join(folder, 'keys'));
    let fails = false;
    const write: typeof nodeDisk.write = async (...file) => {
      if (fails) throw new Error('I/O error');
      await nodeDisk.write(...file);
    };
    const metrics = createSignerMetrics(EVERY_REFUSAL);
    const options = { folder: join(folder, 'keys'), deployment, mode: 'production' } as const;
    const signer = countedSigner(await openSigner({ ...options, disk: { ...nodeDisk, write } }), metrics);
    const socketPath = join(folder, 's');
    const refused = (code: string) => metrics.refusals.inc({ code });
    const door = await openSignerDoor({ signer, socketPath, token, log: { info: () => undefined }, refused });
    return new CountedSigner(
      metrics,
      signerClient({ socketPath, token }),
      signerClient({ socketPath, token: `${token}x` }),
      () => {
        fails = true;
      },
      async () => {
        await door.close();
        rmSync(folder, { recursive: true });
      },
    );
  }

  /** Has a ledger with one entry for each letter signed, without a proof that it continues another. */
  signHead(letters: string): Promise<string> {
    const leaves = [...letters].map((letter) => leafHash(nodeSuite, Buffer.from(letter)));
    const root = rootOfLeaves(nodeSuite, concatHashes(leaves));
    const origin = originOf(deployment, acme);
    return this.client.signCheckpoint({ origin, size: letters.length, root, consistencyProof: [] });
  }

  async scrape(at: number) {
    return { at, samples: samplesOf(await this.metrics.registry.metrics(), TARGET) };
  }
}

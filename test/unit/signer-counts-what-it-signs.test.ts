import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deploymentId, organizationId } from '../../domain/intake/fields';
import { nodeSuite } from '../../ledger/node/suite';
import { openSigner } from '../../ledger/signer';
import { signerClient } from '../../ledger/signer-client';
import { openSignerDoor } from '../../ledger/signer-door';
import { EVERY_REFUSAL } from '../../ledger/signer-errors';
import { createSignerKeys } from '../../ledger/signer-keys';
import { originOf } from '../../ledger/verify/checkpoint';
import { concatHashes, leafHash, rootOfLeaves } from '../../ledger/verify/tree';
import { createSignerMetrics } from '../../runtime/signer-metrics';
import { countedSigner } from '../../workers/counted-signer';
import { openWorkerDoor } from '../../workers/door';

const deployment = deploymentId.parse('novantra-eu');
const acme = organizationId.parse('5a0b1a52-9c6b-4ad1-9d3c-0d6f5a7f2c11');
const token = 'worker'.repeat(8);
const quiet = { info: () => undefined };

let folder: string;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'smsk-signer-'));
  await createSignerKeys(join(folder, 'keys'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const checkpoint = (letters: string) => ({
  origin: originOf(deployment, acme),
  size: letters.length,
  root: rootOfLeaves(
    nodeSuite,
    concatHashes([...letters].map((letter) => leafHash(nodeSuite, Buffer.from(letter)))),
  ),
  consistencyProof: [],
});

test('signatures by kind, refusals by code: to be scraped where nothing can be signed', async () => {
  const metrics = createSignerMetrics(EVERY_REFUSAL);
  const opened = await openSigner({ folder: join(folder, 'keys'), deployment, mode: 'production' });
  const signer = countedSigner(opened, metrics);
  const socketPath = join(folder, 's');
  const refused = (code: string) => metrics.refusals.inc({ code });
  const door = await openSignerDoor({ signer, socketPath, token, log: quiet, refused });
  const ready = async () => (await signer.keys()).checkpointVkey !== '';
  const health = await openWorkerDoor({ host: '127.0.0.1', port: 0 }, metrics, ready);
  const get = async (path: string) => {
    const answer = await fetch(`http://127.0.0.1:${health.port}${path}`);
    return { status: answer.status, text: await answer.text() };
  };
  try {
    const client = signerClient({ socketPath, token });
    await client.signCheckpoint(checkpoint('ab'));
    await client.signCheckpoint(checkpoint('ab'));
    await expect(client.signCheckpoint(checkpoint('a'))).rejects.toMatchObject({ code: 'ROLLBACK' });
    await expect(client.signStatement('custody', {} as never)).rejects.toMatchObject({
      code: 'WRONG_STATEMENT',
    });
    await expect(signerClient({ socketPath, token: `${token}x` }).keys()).rejects.toThrow('401');
    await client.lastHead(originOf(deployment, acme));

    const { text } = await get('/metrics');
    expect(
      text
        .split('\n')
        .filter((line) => /^smsk_\w+\{.* [1-9]/.test(line))
        .sort(),
    ).toEqual([
      'smsk_signatures_total{kind="checkpoint"} 2',
      'smsk_signer_refusals_total{code="ROLLBACK"} 1',
      'smsk_signer_refusals_total{code="UNAUTHORIZED"} 1',
      'smsk_signer_refusals_total{code="WRONG_STATEMENT"} 1',
    ]);
    // An increase is seen from the first one on.
    for (const code of EVERY_REFUSAL) expect(text).toContain(`smsk_signer_refusals_total{code="${code}"}`);
    expect(await get('/healthz')).toMatchObject({ status: 200 });
    expect(await get('/readyz')).toMatchObject({ status: 200 });
    expect(await get('/v1/keys')).toMatchObject({ status: 404 });
  } finally {
    await door.close();
    await health.close();
  }
});

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeBundle } from '../../ledger/bundle-folder';
import { EVIDENCE_README } from '../../ledger/bundle-readme';
import { openSigner } from '../../ledger/signer';
import { createSignerKeys } from '../../ledger/signer-keys';
import { DEPLOYMENT, evidenceOf, filesOf } from '../harness/evidence-fixture';
import { optional } from '../harness/optional';

// The commands that README.txt gives an auditor, run as they stand there. Where one of its tools is missing there
// is nothing to run.
const TOOLS = ['bash', 'xxd', 'jq', 'openssl', 'sha256sum', 'base64', 'awk'];
const missing = TOOLS.filter((tool) => spawnSync(tool, ['--version']).error !== undefined);

const scratch = mkdtempSync(join(tmpdir(), 'smsk-by-hand-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

optional('evidence by hand', missing.length === 0 ? null : `install ${missing.join(', ')}`, () => {
  test('the README checks a bundle with coreutils, jq and openssl', async () => {
    const keys = join(scratch, 'signer');
    await createSignerKeys(keys);
    const folder = join(scratch, 'bundle');
    const signer = await openSigner({ folder: keys, deployment: DEPLOYMENT, mode: 'development' });
    await writeBundle(folder, filesOf(await evidenceOf(signer)));
    // Commands are what stands six columns in.
    const script = EVIDENCE_README.split('\n')
      .filter((line) => line.startsWith('      '))
      .join('\n');
    const { stdout, stderr, status } = spawnSync('bash', ['-e', '-c', script], {
      cwd: folder,
      encoding: 'utf8',
      timeout: 30_000,
    });
    expect({ script, stderr, status }).toEqual({ script, stderr: '', status: 0 });
    const lines = stdout.trim().split('\n');
    // Nothing from 1; twice the root from 2; twice the size from 3; then signatures.
    expect(lines[0]).toBe(lines[1]);
    expect(lines[2]).toBe(lines[3]);
    expect(lines.filter((line) => line === 'Signature Verified Successfully')).toHaveLength(3);
  });
});

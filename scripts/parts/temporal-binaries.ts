import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { z } from 'zod';

const Paths = z.object({ temporal: z.string(), testServer: z.string() });

/**
 * The Temporal CLI and the time-skipping test server; fetches what's missing, which takes seconds and the network.
 * Set-up has usually run before, but a test started by hand may come first.
 */
export function temporalBinaries(): z.infer<typeof Paths> {
  const script = join(__dirname, '..', 'setup', 'temporal.mjs');
  const answer = execFileSync(process.execPath, [script], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return Paths.parse(JSON.parse(answer));
}

import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Part, stopParts } from '../../scripts/parts/process';
import { removeState } from '../../scripts/parts/state';

/** A throw-away folder for one benchmark; whatever parts it started are stopped before it's removed. */
export async function inFolder<T>(
  use: (folder: string, parts: Pick<Part, 'stop'>[]) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'smsk-bench-'));
  // PostgreSQL may run as another account than ours and has to walk through it.
  chmodSync(folder, 0o711);
  const parts: Pick<Part, 'stop'>[] = [];
  try {
    return await use(folder, parts);
  } finally {
    await stopParts(parts);
    removeState(folder);
  }
}

import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Part, stopParts } from '../../scripts/parts/process';
import { removeState } from '../../scripts/parts/state';

/** Somebody doesn't want to wait any longer. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/**
 * A throw-away folder for one benchmark; whatever parts it started are stopped before it's removed.
 * @throws Interrupted at SIGINT or SIGTERM, after the same tidying up.
 */
export async function inFolder<T>(
  use: (folder: string, parts: Pick<Part, 'stop'>[]) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'smsk-bench-'));
  // PostgreSQL may run as another account than ours and has to walk through it.
  chmodSync(folder, 0o711);
  const parts: Pick<Part, 'stop'>[] = [];
  let interrupt = (): void => undefined;
  const interrupted = new Promise<never>((_, reject) => {
    interrupt = () => reject(new Interrupted('interrupted'));
  });
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  try {
    return await Promise.race([use(folder, parts), interrupted]);
  } finally {
    await stopParts(parts);
    removeState(folder);
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
}

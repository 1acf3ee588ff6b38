import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

/** What must survive a restart: the key, and the highest `seq` given out per organization. */
const keptSchema = z.strictObject({
  key: z.strictObject({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: z.string(), d: z.string() }),
  seqs: z.record(z.string(), z.int().positive()),
});
export type Kept = z.infer<typeof keptSchema>;

export interface Keeping {
  load(): Kept | undefined;
  /** Written beside, then renamed: a killed process leaves the old or the new state. */
  save(kept: Kept): void;
}

export function keepingIn(dir: string | undefined): Keeping {
  if (dir === undefined) return { load: () => undefined, save: () => {} };
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const file = join(dir, 'commerce.json');
  return {
    load: () => (existsSync(file) ? keptSchema.parse(JSON.parse(readFileSync(file, 'utf8'))) : undefined),
    save: (kept) => {
      writeFileSync(`${file}.next`, JSON.stringify(kept), { mode: 0o600 });
      renameSync(`${file}.next`, file);
    },
  };
}

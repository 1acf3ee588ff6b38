/**
 * Writes the corpus anew: `npx tsx test/corpus/key-material/generate.ts`. Random bytes come from a fixed seed; keys
 * that only OpenSSL, OpenSSH, GnuPG and keytool make are fresh each time. None of them is anybody's.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { documentsOf } from './documents';
import { harmlessOf } from './harmless';
import { type Item, plantedOf } from './planted';
import { productOutputs } from './product';
import { seeded } from './random';
import { SHAPES } from './shapes';
import { madeByTools } from './tools';

const SEED = 'smsk corpus 2026-06';
const write = (file: string, items: readonly Item[]) =>
  writeFileSync(join(__dirname, file), items.map((item) => `${JSON.stringify(item)}\n`).join(''));

async function main(): Promise<void> {
  const planted = [
    ...plantedOf(seeded(`${SEED}/planted`), SHAPES, 12),
    ...madeByTools(seeded(`${SEED}/tools`), 8),
  ];
  const harmless = [
    ...harmlessOf(seeded(`${SEED}/harmless`), 4),
    ...documentsOf(seeded(`${SEED}/documents`), 8),
    ...(await productOutputs()),
  ];
  write('planted.jsonl', planted);
  write('harmless.jsonl', harmless);
  process.stdout.write(`${planted.length} planted, ${harmless.length} harmless\n`);
}

void main();

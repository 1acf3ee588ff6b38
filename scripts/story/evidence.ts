import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from '../../api/client';
import type { Chapter } from './report';

/** Writes the organization's evidence bundle, as `smsk evidence export` does. */
export async function exportEvidence(
  chapter: Chapter,
  client: Client,
  org: string,
  folder: string,
  trustFile: string,
): Promise<void> {
  await chapter.step(org, 'evidence', async () => {
    const { files } = await client.evidence(org);
    mkdirSync(folder, { recursive: true });
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    const words = `${Object.keys(files).length} files; check them: smsk evidence verify ${folder} --trust ${trustFile}`;
    return { words, entry: null };
  });
}

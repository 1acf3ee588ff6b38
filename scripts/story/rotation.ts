import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Client, KeysView } from '../../api/client';
import type { Cast } from './cast';
import { newestEntry } from './ledger-entry';
import { CONTEXT } from './off-switch';
import type { Chapter } from './report';
import { untilKeys } from './until';
import { wordsOf } from './words';

/** The customer turns its key over, every envelope follows, and the customer is told what it may switch off. */
export async function playRotation(chapter: Chapter, cast: Cast): Promise<void> {
  const { org, support, service, customer, folder } = cast;
  const words = wordsOf(customer.provider);
  const before = await newestEntry(support, org, 'rotation-launched');
  const done = before !== null;

  await chapter.step(org, 'customer rotates key', async () => {
    if (!done) await customer.rotateKey();
    return { words: words.rotated, entry: null, done };
  });
  await chapter.step(org, 'rotation', async () => {
    if (!done) await support.startRotation(org, { newKeyVersion: true, reason: 'yearly' });
    const { keyRefs } = await untilKeys(support, org, 'the rotation’s end', isCompleted);
    const versions = keyRefs.flatMap(({ live }) => live).sort((one, other) => one - other);
    return {
      words: `workspace key versions ${versions.join(', ')} wrapped anew and proved; new data is under ${versions.at(-1)}`,
      entry: before ?? (await newestEntry(support, org, 'rotation-launched')),
      done,
    };
  });
  await chapter.step(org, 'what is safe', async () => {
    const entry = await retired(support, org);
    await customer.disableOldVersions();
    const kept = join(folder, 'record.bin');
    if (existsSync(kept)) await service.decrypt(org, readFileSync(kept), CONTEXT);
    return { words: words.retired, entry };
  });
}

const isCompleted = ({ rotation }: KeysView): boolean => rotation?.outcome === 'completed';

/** The entry since which nothing live needs the former version; `null` where one key serves all along. */
async function retired(support: Client, org: string): Promise<number | null> {
  const { keyRefs } = await support.keys(org);
  return keyRefs.find(({ safeToDisable }) => safeToDisable !== null)?.safeToDisable?.ledgerIndex ?? null;
}

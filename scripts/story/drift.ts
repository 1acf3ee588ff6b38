import type { StatusView } from '../../api/client';
import type { Cast } from './cast';
import { newestEntry } from './ledger-entry';
import { readBack } from './off-switch';
import { patiently } from './patiently';
import type { Chapter } from './report';
import { until } from './until';
import { wordsOf } from './words';

/** Something that was set up is changed while data is read and written: a warning, and nobody is paged. */
export async function playDrift(chapter: Chapter, cast: Cast): Promise<void> {
  const { org, support, customer } = cast;
  const words = wordsOf(customer.provider);
  const isFound = ({ drift }: StatusView) => drift.some(({ aspect }) => aspect === words.drift.aspect);
  const cleared = await newestEntry(support, org, 'drift-cleared');
  const done = cleared !== null;

  await chapter.step(org, 'drift found', async () => {
    if (!done) {
      await customer.drift.begin();
      await patiently(() => support.checkDrift(org));
      const { posture } = await until(support, org, 'the finding', isFound);
      if (posture !== 'warning') throw new Error(`the posture is ${posture}`);
      await readBack(cast);
    }
    return { words: words.drift.found, entry: await newestEntry(support, org, 'drift-found'), done };
  });
  await chapter.step(org, 'drift mended', async () => {
    await customer.drift.end();
    if (!done) {
      await patiently(() => support.checkDrift(org));
      await until(support, org, 'its end', (status) => !isFound(status));
    }
    const entry = cleared ?? (await newestEntry(support, org, 'drift-cleared'));
    return { words: words.drift.mended, entry, done };
  });
}

import type { ChangeType } from '../../domain/change';
import type { Cast } from './cast';
import { entriesOf } from './ledger-entry';
import type { Chapter } from './report';

/** One step a stage, each skipped where its entry is in the ledger already. @param since the operation's first entry */
export function stagesSince(chapter: Chapter, { org, support }: Cast, since: number) {
  const entryOf = async (type: ChangeType): Promise<number | null> =>
    (await entriesOf(support, org, type)).find((index) => index > since) ?? null;

  return (name: string, type: ChangeType, said: string | (() => string), play: () => Promise<void>) =>
    chapter.step(org, name, async () => {
      const before = await entryOf(type);
      if (before === null) await play();
      const words = typeof said === 'string' ? said : said();
      return { words, entry: before ?? (await entryOf(type)), done: before !== null };
    });
}

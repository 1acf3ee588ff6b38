import type { LedgerText, PublishedPart } from '../domain/ports/publication';

/** What a book is full with: entries, or characters of lines and texts, whichever is first. */
export interface BookSize {
  readonly entries: number;
  readonly characters: number;
}

/** A day and a half of an organization that is in use all the time; less where each minute has many calls. */
export const BOOK: BookSize = { entries: 2_000, characters: 4_000_000 };

/** Of lines and texts. */
export const charactersOf = ({ lines, texts }: PublishedPart): number =>
  [...lines, ...texts.map(({ text }) => text)].reduce((sum, { length }) => sum + length, 0);

const NAME = /^(\d{12})-(\d{12})\.jsonl$/;
const padded = (entries: number): string => String(entries).padStart(12, '0');
export const bookName = ({ from, size }: Pick<PublishedPart, 'from' | 'size'>): string =>
  `${padded(from)}-${padded(size)}.jsonl`;
export const partName = (size: number): string => `${padded(size)}.jsonl`;

export interface Shelved {
  readonly name: string;
  readonly size: number;
}

/** The books that follow one another without a gap, from the first entry on. */
export function unbroken(names: readonly string[]): readonly Shelved[] {
  const books: Shelved[] = [];
  for (const name of names) {
    const [, from, size] = NAME.exec(name) ?? [];
    const reached = books.at(-1)?.size ?? 0;
    if (from !== undefined && Number(from) <= reached && Number(size) > reached)
      books.push({ name, size: Number(size) });
  }
  return books;
}

/** One part that holds what several do, from an entry on: their lines and texts of these, once each. */
export function bound(from: number, earlier: readonly PublishedPart[], last: PublishedPart): PublishedPart {
  let reached = from;
  const lines: string[] = [];
  const texts = new Map<string, LedgerText>();
  for (const part of [...earlier, last]) {
    for (const line of part.lines.slice(reached - part.from)) lines.push(line);
    for (const each of part.texts)
      if (each.index >= from) texts.set(`${each.index} ${each.kind} ${each.text}`, each);
    reached = part.size;
  }
  return { ...last, from, lines, texts: [...texts.values()] };
}

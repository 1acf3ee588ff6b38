import { scanText, type TextFind } from '../../domain/intake/key-material';

/** Characters that are looked at together, and those of the piece before that come along: the longest key there is. */
const WINDOW = 131_072;
const OVERLAP = 24_576;

export interface LineFind extends Pick<TextFind, 'detector' | 'length'> {
  readonly line: number;
}

/**
 * Finds in a text of any length, in pieces: memory is one window. @param name of the file: a list of digests often has
 * no other word for what it is than that
 */
export async function findsIn(
  pieces: AsyncIterable<string> | Iterable<string>,
  name: string,
): Promise<LineFind[]> {
  const finds: LineFind[] = [];
  const seen = new Set<string>();
  let held = '';
  /** Of the whole text: characters and lines before `held`. */
  let before = 0;
  let linesBefore = 0;
  const look = () => {
    let line = linesBefore + 1;
    let counted = 0;
    for (const { at, detector, length } of scanText(held, { label: name })) {
      line += linesIn(held, counted, at);
      counted = at;
      const place = `${before + at}/${detector}`;
      if (!seen.has(place)) finds.push({ line, detector, length });
      seen.add(place);
    }
  };
  for await (const piece of pieces)
    for (let from = 0; from < piece.length; from += WINDOW) {
      held += piece.slice(from, from + WINDOW);
      if (held.length < WINDOW) continue;
      look();
      const least = held.length - OVERLAP;
      const cut = held.indexOf('\n', least) + 1 || least;
      linesBefore += linesIn(held, 0, cut);
      before += cut;
      held = held.slice(cut);
    }
  look();
  return finds;
}

function linesIn(text: string, from: number, to: number): number {
  let lines = 0;
  for (let at = text.indexOf('\n', from); at !== -1 && at < to; at = text.indexOf('\n', at + 1)) lines++;
  return lines;
}

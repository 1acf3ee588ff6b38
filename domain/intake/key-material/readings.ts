/**
 * A text as somebody else might read it: with one layer of writing taken off. `origin` leads from a character of
 * it to the one it came from.
 */
export interface Reading {
  readonly text: string;
  readonly origin: (index: number) => number;
}

type Rewrite = (match: RegExpExecArray) => string | null;

/** Replaces each match; where nothing was, answers `null`. Linear in the text's length. */
function rewritten({ text, origin }: Reading, pattern: RegExp, replace: Rewrite): Reading | null {
  const pieces: string[] = [];
  // Where each untouched or replaced piece begins: in what is written, and in what was read.
  const outs: number[] = [];
  const ins: number[] = [];
  let written = 0;
  let read = 0;
  const put = (piece: string, from: number) => {
    outs.push(written);
    ins.push(from);
    pieces.push(piece);
    written += piece.length;
  };
  for (const match of text.matchAll(pattern)) {
    const by = replace(match);
    if (by === null || by === match[0]) continue;
    put(text.slice(read, match.index), read);
    put(by, match.index);
    read = match.index + match[0].length;
  }
  if (pieces.length === 0) return null;
  put(text.slice(read), read);
  return { text: pieces.join(''), origin: (index) => origin(sourceOf(index, outs, ins, read)) };
}

function sourceOf(index: number, outs: readonly number[], ins: readonly number[], last: number): number {
  let low = 0;
  let high = outs.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((outs[middle] ?? 0) <= index) low = middle;
    else high = middle - 1;
  }
  // Inside a replaced piece (every second one) its beginning is as near as can be said.
  const from = ins[low] ?? last;
  return low % 2 === 0 ? from + (index - (outs[low] ?? 0)) : from;
}

/** Characters without a width, soft hyphens, variation selectors, tags. */
const INVISIBLE =
  '\\u{ad}\\u{34f}\\u{61c}\\u{115f}\\u{1160}\\u{17b4}\\u{17b5}\\u{180b}-\\u{180f}\\u{200b}-\\u{200f}\\u{202a}-\\u{202e}\\u{2060}-\\u{206f}\\u{3164}\\u{fe00}-\\u{fe0f}\\u{feff}\\u{ffa0}\\u{e0000}-\\u{e007f}';
/** Full-width and mathematical letters, and the dashes and spaces that word processors put in. */
const DRESSED =
  '\\u{ff01}-\\u{ff5e}\\u{1d400}-\\u{1d7ff}\\u{2010}-\\u{2015}\\u{2212}\\u{a0}\\u{2000}-\\u{200a}\\u{202f}';
const DISGUISED = new RegExp(`[${INVISIBLE}]+|[${DRESSED}]`, 'gu');
const IS_INVISIBLE = new RegExp(`^[${INVISIBLE}]`, 'u');

/** As everybody sees it, in plain characters. */
export function plain(text: string): Reading {
  const asIs: Reading = { text, origin: (index) => index };
  return (
    rewritten(asIs, DISGUISED, ([found]) => {
      if (IS_INVISIBLE.test(found)) return '';
      return /[\u2010-\u2015\u2212]/.test(found) ? '-' : found.normalize('NFKC');
    }) ?? asIs
  );
}

/** Lines longer than this are no wrapped key. */
const LONGEST_LINE = 130;
const KEY_LINE = /^[\s>|*#"'`]*([A-Za-z0-9+/_-]{4,128}={0,2})["'`\\+,;\s]*$/;
const LINE = /[^\n]*\n?/g;

/** Text wrapped at one width, put back in one line: only what wraps at a width has lines of one length. */
function unwrapped(reading: Reading): Reading | null {
  if (!reading.text.includes('\n')) return null;
  let width = 0;
  let isLast = true;
  let isOpen = false;
  return rewritten(reading, LINE, ([line]) => {
    const bare = line.length > LONGEST_LINE ? undefined : KEY_LINE.exec(line)?.[1];
    // A short number is a line of its own: a checkpoint's size.
    if (bare === undefined || /^\d{1,7}$/.test(bare)) {
      isLast = true;
      const ended = isOpen && line !== '';
      isOpen = false;
      return ended ? `\n${line}` : null;
    }
    const isFirst = !isOpen;
    isOpen = true;
    const goesOn = !isLast && bare.length <= width;
    if (!goesOn) width = bare.length;
    isLast = bare.length < width || bare.endsWith('=');
    // A line takes the line feed before it along, so that a joined one, and the first, has none.
    return goesOn || isFirst ? bare : `\n${bare}`;
  });
}

const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  shy: '',
};
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };
const character = (code: number): string =>
  code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : '\ufffd';

const LAYERS: readonly ((reading: Reading) => Reading | null)[] = [
  unwrapped,
  // JSON and JavaScript strings.
  (reading) =>
    rewritten(reading, /\\(?:u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|[nrt"'/\\])/g, ([found]) =>
      found.length > 2
        ? character(Number.parseInt(found.slice(2), 16))
        : (ESCAPES[found.slice(1)] ?? found.slice(1)),
    ),
  // RFC 3986 §2.1; what isn't ASCII is no key.
  (reading) =>
    rewritten(reading, /%[0-9A-Fa-f]{2}/g, ([found]) => {
      const code = Number.parseInt(found.slice(1), 16);
      return code < 0x80 ? character(code) : '\ufffd';
    }),
  (reading) =>
    rewritten(reading, /&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([a-z]{2,4}));/g, (match) => {
      const [found, decimal, hex, name = ''] = match;
      if (decimal !== undefined) return character(Number(decimal));
      if (hex !== undefined) return character(Number.parseInt(hex, 16));
      return ENTITIES[name] ?? found;
    }),
  // Quoted-printable, RFC 2045 §6.7, where a text shows that it is.
  (reading) =>
    /=3D|=C3|(?:^|\n)[^\n]{70,75}=\r?\n/.test(reading.text)
      ? rewritten(reading, /=\r?\n|=[0-9A-F]{2}/g, ([found]) =>
          /^=[0-9A-F]/.test(found) ? character(Number.parseInt(found.slice(1), 16)) : '',
        )
      : null,
];

const MOST_LAYERS = 3;
const MOST_READINGS = 16;

/** The plain reading first, then those with up to three layers taken off, each text once. */
export function readingsOf(text: string): readonly Reading[] {
  const readings = [plain(text)];
  const seen = new Set([readings[0]?.text]);
  let from = 0;
  for (let depth = 0; depth < MOST_LAYERS; depth++) {
    const outer = readings.slice(from);
    from = readings.length;
    for (const reading of outer)
      for (const layer of LAYERS) {
        const inner = layer(reading);
        if (inner === null || seen.has(inner.text) || readings.length >= MOST_READINGS) continue;
        seen.add(inner.text);
        readings.push(inner);
      }
  }
  return readings;
}

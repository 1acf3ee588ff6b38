import { canonicalJson, type JsonValue } from '../../domain/canonical';
import { fromUtf8 } from './encoding';

const NEWLINE = 0x0a;
const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const OPEN_ARRAY = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_ARRAY = 0x5d;
const LETTER_F = 0x66;
const LETTER_N = 0x6e;
const LETTER_T = 0x74;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
/** What may follow a backslash in canonical form, besides `u`, which is left to the slow way. */
const ESCAPED = new Set([...'"\\bfnrt'].map((char) => char.charCodeAt(0)));
/** Fewer digits than this are a whole number below 2^53, whose shortest form is itself. */
const SAFE_DIGITS = 16;

const asciiOf = (word: string) => Array.from(word, (char) => char.charCodeAt(0));
const [TRUE, FALSE, NULL, INDEX, TYPE] = [
  asciiOf('true'),
  asciiOf('false'),
  asciiOf('null'),
  asciiOf('index'),
  asciiOf('type'),
];
/** 1 for the bytes that a string in canonical ASCII contains as they are. */
const STANDS_FOR_ITSELF = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x20 && byte < 0x80 && byte !== QUOTE && byte !== BACKSLASH ? 1 : 0,
);

/** Not certain: the value has something only a real parser can judge. */
const UNSURE = -1;

/**
 * Tells whether lines are RFC 8785 canonical JSON objects, in one pass over the bytes for the plain ones (ASCII,
 * whole numbers), by parsing and writing again for the others. On the way it finds the members `index` and
 * `type`, which every entry has.
 */
export class LineScanner {
  /** Whether the line read last is a canonical JSON object. */
  canonical = false;
  /** Its own `index`; `undefined` without one. */
  index: number | undefined;
  /** Where the text of its `type` begins and ends in the file; -1 if unknown: then parse the line. */
  typeStart = UNSURE;
  typeEnd = UNSURE;
  private plain = true;

  constructor(private readonly bytes: Uint8Array) {}

  /** Reads the line that begins at `start`. @returns where it ends: at its newline, or at the file's end. */
  read(start: number): number {
    this.index = undefined;
    this.typeStart = UNSURE;
    this.typeEnd = UNSURE;
    const end = this.bytes[start] === OPEN_OBJECT ? this.object(start + 1, true) : UNSURE;
    this.canonical = end === this.bytes.length || this.bytes[end] === NEWLINE;
    return this.canonical ? end : this.readByParsing(start);
  }

  private readByParsing(start: number): number {
    this.index = undefined;
    this.typeStart = UNSURE;
    this.typeEnd = UNSURE;
    const newline = this.bytes.indexOf(NEWLINE, start);
    const end = newline < 0 ? this.bytes.length : newline;
    const value = parseObject(this.bytes.subarray(start, end));
    if (value === undefined) return end;
    if (typeof value.json['index'] === 'number') this.index = value.json['index'];
    try {
      this.canonical = canonicalJson(value.json) === value.text;
    } catch {
      this.canonical = false;
    }
    return end;
  }

  /** The position after the value, or {@link UNSURE}. */
  private value(at: number): number {
    switch (this.bytes[at] ?? 0) {
      case QUOTE:
        return this.string(at + 1);
      case OPEN_OBJECT:
        return this.object(at + 1, false);
      case OPEN_ARRAY:
        return this.array(at + 1);
      case LETTER_T:
        return this.literal(at, TRUE);
      case LETTER_F:
        return this.literal(at, FALSE);
      case LETTER_N:
        return this.literal(at, NULL);
      default:
        return this.wholeNumber(at);
    }
  }

  private object(first: number, outermost: boolean): number {
    const { bytes } = this;
    if (bytes[first] === CLOSE_OBJECT) return first + 1;
    let at = first;
    let before = -1;
    let beforeEnd = -1;
    for (;;) {
      if (bytes[at] !== QUOTE) return UNSURE;
      const key = at + 1;
      this.plain = true;
      at = this.string(key);
      // Sorting is by UTF-16 units (RFC 8785 §3.2.3): the order of bytes only for plain ASCII.
      if (at === UNSURE || !this.plain || bytes[at] !== COLON) return UNSURE;
      const keyEnd = at - 1;
      if (before >= 0 && !this.isBefore(before, beforeEnd, key, keyEnd)) return UNSURE;
      before = key;
      beforeEnd = keyEnd;
      const start = at + 1;
      at = this.value(start);
      if (at === UNSURE) return UNSURE;
      if (outermost) this.remember(key, keyEnd, start, at);
      if (bytes[at] === CLOSE_OBJECT) return at + 1;
      if (bytes[at] !== COMMA) return UNSURE;
      at += 1;
    }
  }

  private array(first: number): number {
    if (this.bytes[first] === CLOSE_ARRAY) return first + 1;
    let at = first;
    for (;;) {
      at = this.value(at);
      if (at === UNSURE) return UNSURE;
      if (this.bytes[at] === CLOSE_ARRAY) return at + 1;
      if (this.bytes[at] !== COMMA) return UNSURE;
      at += 1;
    }
  }

  /** `at` is after the opening quote. */
  private string(first: number): number {
    const { bytes } = this;
    const { length } = bytes;
    let at = first;
    for (;;) {
      while (at < length && STANDS_FOR_ITSELF[bytes[at] ?? 0] === 1) at += 1;
      if (bytes[at] === QUOTE) return at + 1;
      if (bytes[at] !== BACKSLASH || !ESCAPED.has(bytes[at + 1] ?? 0)) return UNSURE;
      this.plain = false;
      at += 2;
    }
  }

  private literal(start: number, word: readonly number[]): number {
    return this.isWord(start, start + word.length, word) ? start + word.length : UNSURE;
  }

  private wholeNumber(start: number): number {
    const { bytes } = this;
    const first = bytes[start] === MINUS ? start + 1 : start;
    let at = first;
    while (isDigit(bytes[at])) at += 1;
    const digits = at - first;
    if (digits === 0 || digits >= SAFE_DIGITS) return UNSURE;
    if (bytes[first] === ZERO && (digits > 1 || first > start)) return UNSURE;
    return at;
  }

  private isBefore(a: number, aEnd: number, b: number, bEnd: number): boolean {
    const { bytes } = this;
    for (let i = 0; a + i < aEnd && b + i < bEnd; i += 1) {
      const difference = (bytes[a + i] ?? 0) - (bytes[b + i] ?? 0);
      if (difference !== 0) return difference < 0;
    }
    return aEnd - a < bEnd - b;
  }

  private remember(key: number, keyEnd: number, start: number, end: number): void {
    if (this.isWord(key, keyEnd, INDEX)) {
      let index = 0;
      for (let at = start; at < end; at += 1) {
        // Whatever isn't digits only, a sign or a quote, isn't an index.
        if (!isDigit(this.bytes[at])) return;
        index = index * 10 + (this.bytes[at] ?? 0) - ZERO;
      }
      this.index = index;
    } else if (this.isWord(key, keyEnd, TYPE)) {
      this.typeStart = start + 1;
      this.typeEnd = end - 1;
    }
  }

  private isWord(start: number, end: number, word: readonly number[]): boolean {
    if (end - start !== word.length) return false;
    for (let i = 0; i < word.length; i += 1) if (this.bytes[start + i] !== word[i]) return false;
    return true;
  }
}

const isDigit = (byte: number | undefined) => byte !== undefined && byte >= ZERO && byte <= NINE;

/** @returns the object and its text, or `undefined` for what isn't a JSON object in UTF-8. */
export function parseObject(
  bytes: Uint8Array,
): { text: string; json: { [key: string]: JsonValue } } | undefined {
  const text = fromUtf8(bytes);
  if (text === undefined) return undefined;
  try {
    const json: JsonValue = JSON.parse(text);
    return typeof json === 'object' && json !== null && !Array.isArray(json) ? { text, json } : undefined;
  } catch {
    return undefined;
  }
}

import { hexBytes } from './bytes';
import { derKind } from './der';
import type { TextFind } from './find';
import { areMixedBytes, isKeySize, isMixed, isMixedHex } from './randomness';

/** What stands between the bytes of a key that somebody pasted: spaces, colons, commas, quotes, line ends. */
const BETWEEN = /^[\s,:;\-"'+|()]{1,12}$/;
/** A value with its prefix: 0x12, \x12, 12, 12h, 255. */
const VALUE = /\\x[0-9a-f]{2}|(?:0x)?[0-9A-Za-z]{1,64}/gi;
const LONGEST_LIST = 16_384;

interface Value {
  readonly at: number;
  readonly end: number;
  /** Without its prefix. */
  readonly digits: string;
}

type Kind = 'hex' | 'decimal' | 'base64';
interface Group {
  readonly kind: Kind;
  /** Characters of each hex or base64 value. */
  readonly width: number;
  readonly values: Value[];
}

/** Keys written as groups: hex bytes or words, decimal bytes, base64 in blocks. */
export function findGroups(text: string): TextFind[] {
  const finds: TextFind[] = [];
  const open: Record<Kind, Group | null> = { hex: null, decimal: null, base64: null };
  const end = (kind: Kind): void => {
    const group = open[kind];
    open[kind] = null;
    const detector = group && detectorOf(text, group);
    const [first, last] = [group?.values[0], group?.values.at(-1)];
    if (detector && first && last) finds.push({ detector, at: first.at, length: last.end - first.at });
  };
  let before = 0;
  for (const match of text.matchAll(VALUE)) {
    const [found] = match;
    const isBeside = match.index === before && found.startsWith('\\');
    const isNext = isBeside || (match.index - before <= 12 && BETWEEN.test(text.slice(before, match.index)));
    before = match.index + found.length;
    const value = { at: match.index, end: before, digits: found.replace(/^(?:0x|\\x)/i, '') };
    for (const kind of KINDS) {
      const width = widthOf(kind, value, text);
      const group = open[kind];
      const goesOn = isNext && group !== null && group.width === width && group.values.length < LONGEST_LIST;
      if (goesOn) group.values.push(value);
      else {
        // The last block of base64 may be shorter.
        if (kind === 'base64' && isNext && group !== null && width !== 0 && width < group.width)
          group.values.push(value);
        end(kind);
        if (width !== 0) open[kind] = { kind, width, values: [value] };
      }
    }
  }
  for (const kind of KINDS) end(kind);
  return finds;
}

const KINDS: readonly Kind[] = ['hex', 'decimal', 'base64'];
const HEX_WIDTHS = new Set([2, 4, 8, 16]);

/** 0: it's no value of that kind. */
function widthOf(kind: Kind, { digits, at, end }: Value, text: string): number {
  switch (kind) {
    case 'hex':
      return HEX_WIDTHS.has(digits.length) && /^[0-9A-Fa-f]+$/.test(digits) ? digits.length : 0;
    case 'decimal':
      return end - at === digits.length && /^\d{1,3}$/.test(digits) && Number(digits) < 256 ? 1 : 0;
    case 'base64':
      return end - at === digits.length && digits.length >= 4 && digits.length <= 16 && text[end] !== ':'
        ? digits.length
        : 0;
    default: {
      const unknown: never = kind;
      throw new Error(`unknown kind ${String(unknown)}`);
    }
  }
}

function detectorOf(text: string, { kind, width, values }: Group): TextFind['detector'] | null {
  if (values.length < 2) return null;
  switch (kind) {
    case 'hex':
      return hexDetector(text, width, values);
    case 'decimal': {
      const bytes = values.map(({ digits, at }) => (text[at - 1] === '-' ? -Number(digits) : Number(digits)));
      return byteListDetector(bytes);
    }
    case 'base64':
      return blockDetector(text, values);
    default: {
      const unknown: never = kind;
      throw new Error(`unknown kind ${String(unknown)}`);
    }
  }
}

function hexDetector(text: string, width: number, values: readonly Value[]): TextFind['detector'] | null {
  const digits = values.map((value) => value.digits).join('');
  const bytes = digits.length / 2;
  if (bytes < 16 || values.length < 2) return null;
  if (bytes >= 40) {
    const kind = derKind(hexBytes(digits.slice(0, 256)));
    if (kind === 'der-private-key' || kind === 'pkcs12') return kind;
  }
  // Eight groups of four with colons are an IPv6 address.
  const second = values[1];
  const isAddress = width === 4 && values.length === 8 && second !== undefined && text[second.at - 1] === ':';
  return isKeySize(bytes) && isMixedHex(digits) && !isAddress ? 'hex-key' : null;
}

/** Bytes as numbers, signed or not: 16, 24, 32, 48, or 64 and more. */
export function byteListDetector(bytes: readonly number[]): TextFind['detector'] | null {
  const isSize = isKeySize(bytes.length) || bytes.length >= 64;
  if (!isSize) return null;
  const kind = derKind(Uint8Array.from(bytes.slice(0, 128), (byte) => byte & 0xff));
  if (kind === 'der-private-key' || kind === 'pkcs12') return kind;
  return areMixedBytes(bytes) ? 'byte-list' : null;
}

/** base64 in blocks of one width. Words of one length in a row don't mix capitals, digits and small letters. */
function blockDetector(text: string, values: readonly Value[]): TextFind['detector'] | null {
  const joined = values.map(({ digits }) => digits).join('');
  const isSpaced = values.every(({ at }, nth) => nth === 0 || text[at - 1] === ' ');
  const isSize = joined.length === 22 || joined.length === 32 || joined.length === 43;
  const isEach = values.filter(({ digits }) => /\d/.test(digits)).length * 5 >= values.length;
  return values.length >= 4 && isSpaced && isSize && isEach && isMixed(joined, 0.42) ? 'base64-key' : null;
}

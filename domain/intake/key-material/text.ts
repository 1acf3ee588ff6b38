import type { Detector, Scope, TextFind } from './find';
import { FORMS } from './formed';
import { findFormless } from './formless';
import type { Span } from './harmless';
import { findLabelled } from './labelled';
import { type Reading, readingsOf } from './readings';

/** Characters of one text that are looked at; a longer one is a find itself, so nothing is passed unseen. */
export const MAX_SCANNED = 262_144;
/** base64 in base64 in base64 is the deepest that is looked into. */
const DEEPEST = 3;

/**
 * Everything in a text that looks like key material or a credential, in the order of its places.
 * Time is linear in the text's length.
 */
export function scanText(text: string, scope: Scope = {}): TextFind[] {
  return scanned(text, scope, 0);
}

function scanned(text: string, scope: Scope, depth: number): TextFind[] {
  if (text.length > MAX_SCANNED) return [{ detector: 'unscanned', at: 0, length: text.length }];
  if (text.length < SHORTEST) return [];
  const finds: TextFind[] = [];
  for (const reading of readingsOf(text))
    for (const find of inReading(reading.text, scope, depth)) {
      const placed = original(reading, find, text.length);
      if (!finds.some((other) => isSame(other, placed))) finds.push(placed);
    }
  return finds.sort((one, other) => one.at - other.at);
}

/** Nothing shorter can be any of it. */
const SHORTEST = 12;

/** By form first: a random text inside a PEM is the PEM, not a key beside it. */
function inReading(text: string, scope: Scope, depth: number): TextFind[] {
  const finds: TextFind[] = [];
  const taken: Span[] = [];
  for (const { detector, hint, pattern, isOne } of FORMS) {
    if (!hint.test(text)) continue;
    for (const match of text.matchAll(pattern)) {
      if (!(isOne?.(match, text) ?? true)) continue;
      const span = spanOf(detector, match, text);
      if (taken.some(([from, to]) => span[0] < to && span[1] > from)) continue;
      taken.push(span);
      finds.push({ detector, at: span[0], length: span[1] - span[0] });
    }
  }
  finds.push(...findFormless(text, scope, taken, inside));
  finds.push(...findLabelled(text, [...taken, ...finds.map(({ at, length }): Span => [at, at + length])]));
  return finds;

  function inside(inner: string): Detector | null {
    if (depth >= DEEPEST) return null;
    const found = scanned(inner, {}, depth + 1);
    return found.length === 0 ? null : gravest(found);
  }
}

const LONGEST_ARMOUR = 20_000;

/** An armour goes to its end line, so that its lines aren't found one by one; a JWK to the end of its object. */
function spanOf(detector: Detector, match: RegExpExecArray, text: string): Span {
  const end = match.index + match[0].length;
  const rest = text.slice(end, end + LONGEST_ARMOUR);
  if (detector === 'pem') {
    const close = /-{1,5} ?END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?[ -]{0,6}/i.exec(rest);
    if (close !== null) return [match.index, end + close.index + close[0].length];
    const body = /^(?:[A-Za-z0-9+/=\s,:\\-]|")*/.exec(rest)?.[0].length ?? 0;
    return [match.index, end + body];
  }
  if (detector === 'putty-key') {
    const close = /Private-(?:MAC|Hash): ?[0-9a-f]{1,64}/i.exec(rest);
    return [match.index, close === null ? end : end + close.index + close[0].length];
  }
  if (detector === 'jwk') {
    const from = text.lastIndexOf('{', match.index);
    const close = rest.indexOf('}');
    return [from === -1 ? match.index : from, close === -1 ? end : end + close + 1];
  }
  return [match.index, end];
}

/** The one whose name says most. */
const gravest = (finds: readonly TextFind[]): Detector | null => {
  const formed = finds.find(({ detector }) => !FORMLESS.has(detector));
  return (formed ?? finds[0])?.detector ?? null;
};
export const FORMLESS: ReadonlySet<Detector> = new Set<Detector>([
  'hex-key',
  'base64-key',
  'opaque-base64',
  'byte-list',
  'labelled-secret',
]);

function original({ origin }: Reading, { detector, at, length }: TextFind, end: number): TextFind {
  const from = Math.min(origin(at), end);
  const to = Math.min(Math.max(origin(at + length), from + 1), end);
  return { detector, at: from, length: to - from };
}

/** The same thing in two readings: places that overlap, under one name, or found by form in one and not in the other. */
const isSame = (one: TextFind, other: TextFind): boolean =>
  one.at < other.at + other.length &&
  other.at < one.at + one.length &&
  (one.detector === other.detector || FORMLESS.has(other.detector));

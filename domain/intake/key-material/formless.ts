import { base64Bytes, hexBytes, textOf } from './bytes';
import { derKind } from './der';
import type { Detector, Scope, TextFind } from './find';
import { findGroups } from './groups';
import { inUrl, isWithin, publicSpans, type Span } from './harmless';
import { meaningAt } from './labels';
import { isKeySize, isMixed, isMixedHex } from './randomness';

/** Looks into what a run of base64 or hex is a writing of. */
export type Inside = (text: string) => Detector | null;

const HEX = /(?<![0-9A-Za-z])(?:0[xX])?([0-9A-Fa-f]{32,})(?![0-9A-Za-z])/g;
const BASE64 = /[A-Za-z0-9+/_-]{16,}={0,2}/g;
/** Characters of a longer run that are decoded to see what it is. */
const LOOKED_INTO = 32_768;
const SHORTEST_OPAQUE = 100;

/** Random texts without a form of their own, in the reading of a text. @param taken spans that are found already */
export function findFormless(text: string, scope: Scope, taken: readonly Span[], inside: Inside): TextFind[] {
  const spans = [...publicSpans(text), ...taken];
  const finds: TextFind[] = [];
  const add = (detector: Detector | null, at: number, length: number) => {
    if (detector === null) return;
    finds.push({ detector, at, length });
    spans.push([at, at + length]);
  };
  for (const match of text.matchAll(HEX)) {
    const [whole, digits = ''] = match;
    const { index } = match;
    if (isWithin(spans, index, index + whole.length)) continue;
    add(
      written(hexBytes(digits.slice(0, LOOKED_INTO)), inside) ?? hexKey(digits, text, index, scope),
      index,
      whole.length,
    );
  }
  for (const match of text.matchAll(BASE64)) {
    const [run] = match;
    const { index } = match;
    if (isWithin(spans, index, index + run.length)) continue;
    const found = run.length < 24 ? null : written(base64Bytes(run.slice(0, LOOKED_INTO)), inside);
    add(found ?? base64Key(run, text, index, scope), index, run.length);
  }
  for (const { detector, at, length } of findGroups(text))
    if (!isWithin(spans, at, at + length) && (isFormed(detector) || isUnnamed(text, at, scope)))
      add(detector, at, length);
  return finds;
}

const isFormed = (detector: Detector): boolean => detector === 'der-private-key' || detector === 'pkcs12';
const isUnnamed = (text: string, at: number, { label = '' }: Scope): boolean =>
  meaningAt(text, at, label) !== 'public';

/** What bytes turn out to be: a key in DER, a key store, or a text that holds a find. */
function written(bytes: Uint8Array, inside: Inside): Detector | null {
  const store = keyStore(bytes);
  if (store !== null) return store;
  const text = textOf(bytes);
  return text === null ? null : inside(text);
}

/** Keys and key stores in their binary forms, by how they begin. */
export function keyStore(bytes: Uint8Array): Detector | null {
  const kind = derKind(bytes);
  if (kind === 'der-private-key' || kind === 'pkcs12') return kind;
  if (startsWith(bytes, JKS) || startsWith(bytes, JCEKS)) return 'key-store';
  return startsWith(bytes, OPENSSH) ? 'pem' : null;
}

const JKS = [0xfe, 0xed, 0xfe, 0xed];
const JCEKS = [0xce, 0xce, 0xce, 0xce];
/** `openssh-key-v1` and a zero byte. */
const OPENSSH = [...'openssh-key-v1'].map((one) => one.charCodeAt(0)).concat(0);
const startsWith = (bytes: Uint8Array, begin: readonly number[]): boolean =>
  begin.every((byte, at) => bytes[at] === byte);

function hexKey(digits: string, text: string, at: number, scope: Scope): Detector | null {
  if (digits.length % 2 !== 0 || !isKeySize(digits.length / 2) || !isMixedHex(digits)) return null;
  return isNamed(digits, text, at, scope) ? null : 'hex-key';
}

function base64Key(run: string, text: string, at: number, scope: Scope): Detector | null {
  const body = run.replace(/=+$/, '');
  // Both alphabets at once: an address or a path.
  if (/[+/]/.test(body) && /[_-]/.test(body)) return null;
  const detector = sized(body, run.length - body.length);
  // An address, or a message's id.
  if (detector === null || text[at + run.length] === '@' || isNamed(body, text, at, scope)) return null;
  return detector;
}

/** By the lengths that 16, 24, 32, 48 and 64 bytes have; 40 characters are AWS's. */
function sized(body: string, padding: number): Detector | null {
  switch (body.length) {
    case 22:
      // Its padding alone says that it's base64; without, it must look it.
      return (padding === 2 ? isMixed(body, 0.25, false) : isMixed(body, 0.4) || isMixed(body, 0.45, false))
        ? 'base64-key'
        : null;
    case 32:
    case 43:
    case 64:
    case 86:
      return isMixed(body) ? 'base64-key' : null;
    case 40:
      return isMixed(body) && !/[_-]|EXAMPLEKEY$/.test(body) ? 'aws-secret-access-key' : null;
    default:
      return body.length >= SHORTEST_OPAQUE && isMixed(body) ? 'opaque-base64' : null;
  }
}

/** Whether something says that it's public: the organization's own digest, the words before it, or an address. */
function isNamed(body: string, text: string, at: number, { label = '', known }: Scope): boolean {
  if (known?.has(body) || known?.has(body.toLowerCase())) return true;
  const place = inUrl(text, at);
  if (place !== null) return place === 'identifier';
  return meaningAt(text, at, label) === 'public';
}

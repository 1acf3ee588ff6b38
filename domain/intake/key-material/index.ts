import { base64Bytes, textOf } from './bytes';
import type { Detector, Scope, TextFind } from './find';
import { byteListDetector } from './groups';
import { FORMLESS, scanText } from './text';

export { DETECTORS, type Detector, type Scope, type TextFind } from './find';
export { keyStore } from './formless';
export { MAX_SCANNED, scanText } from './text';

/** Where something that looks like key material was, and how long the text is that holds it; nothing of the content. */
export interface KeyMaterial {
  readonly field: string;
  readonly detector: Detector;
  readonly length: number;
}

/** Where it would have come in. */
export type Channel = 'api' | 'codec' | 'start' | 'update' | 'signal';
/** What is recorded of a refusal. */
export interface RefusedMaterial extends KeyMaterial {
  readonly channel: Channel;
}

/** Deeper than any form of ours; what is below isn't looked at, so it's refused. */
const DEEPEST = 32;
const NO_DIGESTS: ReadonlySet<string> = new Set();

/**
 * Scans every text of a JSON value, member names and lists of numbers included (invariant 7). A member's name counts
 * as the words before its text: `planDigest` names a digest.
 * @param known digests and thumbprints of this organization: pasted, they're no keys
 * @returns the first find, or null. `field` names members by their path; one whose name isn't plain is `…`.
 */
export function findKeyMaterial(
  value: unknown,
  field = 'body',
  known: ReadonlySet<string> = NO_DIGESTS,
): KeyMaterial | null {
  for (const find of finds(value, field, '', known, 0)) return find;
  return null;
}

/** As {@link findKeyMaterial}: every find, one for each text and detector. */
export function findAllKeyMaterial(
  value: unknown,
  field = 'body',
  known: ReadonlySet<string> = NO_DIGESTS,
): readonly KeyMaterial[] {
  return [...finds(value, field, '', known, 0)];
}

function* finds(
  value: unknown,
  field: string,
  label: string,
  known: ReadonlySet<string>,
  depth: number,
): Generator<KeyMaterial> {
  if (typeof value === 'string') return yield* inText(value, field, { label, known });
  if (value === null || typeof value !== 'object') return;
  if (depth > DEEPEST) return yield { field, detector: 'unscanned', length: 0 };
  if (isPrivateJwk(value)) return yield { field, detector: 'jwk', length: JSON.stringify(value).length };
  const bytes = bytesIn(value);
  if (bytes !== null) {
    const detector = label !== '' && isDigestName(label) ? null : byteListDetector(bytes);
    if (detector !== null) yield { field, detector, length: bytes.length };
    return;
  }
  const isKey = 'kty' in value;
  for (const [name, member] of Object.entries(value)) {
    const inName = [...inText(name, `${field}/…`, { known })];
    yield* inName;
    const path = `${field}/${PLAIN.test(name) && inName.length === 0 ? name : '…'}`.slice(-LONGEST_PATH);
    // A public key's own parts (RFC 7518 §6), and the actor's token, are judged where they are read.
    if ((isKey && isPublicPart(name, member)) || (name === 'actor' && isActorToken(member))) continue;
    yield* finds(member, path, Array.isArray(value) ? label : name, known, depth + 1);
  }
}

function* inText(text: string, field: string, scope: Scope): Generator<KeyMaterial> {
  const named = new Set<Detector>();
  const all = scanText(text, scope);
  const byForm = (one: TextFind, other: TextFind) =>
    Number(FORMLESS.has(one.detector)) - Number(FORMLESS.has(other.detector));
  for (const { detector } of all.sort(byForm)) {
    if (named.has(detector)) continue;
    named.add(detector);
    yield { field, detector, length: text.length };
  }
}

/** RFC 7517: an object with a key type and a private or secret member, sent where a public key belongs. */
const isPrivateJwk = (value: object): boolean => 'kty' in value && ('d' in value || 'k' in value);
const isPublicPart = (name: string, member: unknown): boolean =>
  /^(?:x|y|n|e|kid|x5t)$/.test(name) && typeof member === 'string' && /^[\w-]{1,700}$/.test(member);
/** Signed by our API for one message; it's verified, and counts once. */
const isActorToken = (member: unknown): boolean =>
  typeof member === 'string' &&
  /^eyJ[\w-]{20,400}\.[\w-]{20,2000}\.[\w-]{86}$/.test(member) &&
  textOf(base64Bytes(member, 300))?.includes('"smsk-actor+jwt"') === true;

/** A name that can be shown: a word of a form, or a place in a list. */
const PLAIN = /^(?:[A-Za-z][A-Za-z-]{0,29}|\d{1,4})$/;
const LONGEST_PATH = 200;
const isDigestName = (name: string): boolean => /digest|sha256|hash|root/i.test(name);

/** Bytes as JSON has them: a list of numbers, or an object by index, as `Uint8Array` and `Buffer` turn into. */
function bytesIn(value: object): readonly number[] | null {
  if (Array.isArray(value)) return areBytes(value) ? value : null;
  const entries = Object.entries(value);
  const isIndexed = entries.length >= 16 && entries.every(([name], at) => name === String(at));
  const numbers = entries.map(([, member]) => member as unknown);
  return isIndexed && areBytes(numbers) ? numbers : null;
}

const areBytes = (list: readonly unknown[]): list is number[] =>
  list.length >= 16 &&
  list.every((one) => typeof one === 'number' && Number.isInteger(one) && one >= -128 && one <= 255);

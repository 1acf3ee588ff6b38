/**
 * What DER (X.690) says it is, by its first elements: enough to tell a private key from a public one, and a
 * truncated copy of it too.
 */
export type DerKind = 'der-private-key' | 'pkcs12' | 'public';

const INTEGER = 0x02;
const OCTET_STRING = 0x04;
const OID = 0x06;
const SEQUENCE = 0x30;
/** 1.2.840.113549.1.5 (PKCS#5) and 1.2.840.113549.1.12 (PKCS#12): how a PKCS#8 is encrypted. */
const ENCRYPTIONS: readonly (readonly number[])[] = [
  [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05],
  [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x0c],
];
/** A public RSA key begins with its modulus; every private form begins with a version. */
const SHORTEST_MODULUS = 32;

interface Element {
  readonly tag: number;
  /** Where its content begins, and how long it says it is. */
  readonly from: number;
  readonly length: number;
  readonly end: number;
}

export function derKind(bytes: Uint8Array): DerKind | null {
  const outer = elementAt(bytes, 0);
  if (outer?.tag !== SEQUENCE || outer.length < 20) return null;
  const first = elementAt(bytes, outer.from);
  if (first === null) return null;
  if (first.tag === INTEGER) return versioned(bytes, first);
  if (first.tag !== SEQUENCE) return null;
  return isEncryption(bytes, first) ? 'der-private-key' : isPublic(bytes, outer, first) ? 'public' : null;
}

/** PKCS#8 (RFC 5958), PKCS#1 (RFC 8017), SEC 1 (RFC 5915), DSA; PKCS#12 (RFC 7292); or a public RSA key. */
function versioned(bytes: Uint8Array, version: Element): DerKind | null {
  if (version.length >= SHORTEST_MODULUS) return 'public';
  if (version.length !== 1) return null;
  const second = elementAt(bytes, version.end);
  const number = bytes[version.from];
  if (second === null) return null;
  if (number === 3) return second.tag === SEQUENCE && hasOid(bytes, second) ? 'pkcs12' : null;
  if (number !== 0 && number !== 1) return null;
  if (second.tag === SEQUENCE) return hasOid(bytes, second) ? 'der-private-key' : null;
  if (second.tag === OCTET_STRING) return second.length >= 16 ? 'der-private-key' : null;
  return second.tag === INTEGER && second.length >= SHORTEST_MODULUS ? 'der-private-key' : null;
}

const hasOid = (bytes: Uint8Array, { from }: Element): boolean => bytes[from] === OID;

function isEncryption(bytes: Uint8Array, algorithm: Element): boolean {
  const oid = elementAt(bytes, algorithm.from);
  if (oid?.tag !== OID) return false;
  return ENCRYPTIONS.some((begin) => begin.every((byte, at) => bytes[oid.from + at] === byte));
}

/** SubjectPublicKeyInfo (RFC 5280), or a certificate or request: a sequence in which a version or number comes first. */
function isPublic(bytes: Uint8Array, outer: Element, first: Element): boolean {
  if (hasOid(bytes, first)) return bytes[first.end] === 0x03;
  const inner = bytes[first.from];
  return outer.length >= 100 && (inner === 0xa0 || inner === INTEGER);
}

function elementAt(bytes: Uint8Array, at: number): Element | null {
  const tag = bytes[at];
  const short = bytes[at + 1];
  if (tag === undefined || short === undefined) return null;
  if (short < 0x80) return { tag, from: at + 2, length: short, end: at + 2 + short };
  const digits = short & 0x7f;
  if (digits < 1 || digits > 3) return null;
  let length = 0;
  for (let digit = 0; digit < digits; digit++) length = length * 256 + (bytes[at + 2 + digit] ?? 0);
  const from = at + 2 + digits;
  return { tag, from, length, end: from + length };
}

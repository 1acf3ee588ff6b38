import canonicalize from 'canonicalize';

export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };
export type JsonObject = { [key: string]: JsonValue };

/**
 * The one text form of a JSON value (RFC 8785, JSON Canonicalization Scheme): what is hashed, signed and
 * written to the ledger.
 * @throws TypeError for a value JSON cannot carry (NaN, Infinity, a cycle, undefined).
 */
export function canonicalJson(value: JsonValue): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError('not a JSON value');
  return text;
}

/** {@link canonicalJson} as UTF-8 bytes. */
export function canonicalBytes(value: JsonValue): Uint8Array {
  return new TextEncoder().encode(canonicalJson(value));
}

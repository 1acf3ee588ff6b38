/**
 * What a ciphertext is bound to beside its bytes: organization (its immutable id), header, and the caller's context.
 *
 *     associated data = text(organization id) || bytes(header) || context
 *     context         = uint32(number of pairs) || pair, …     sorted by key, ascending
 *     pair            = text(key) || text(value)
 *     text(s)         = bytes(UTF-8 of s)
 *     bytes(b)        = uint32(length of b) || b
 *
 * uint32 is big-endian. Keys are 1 to 128 printable ASCII characters (0x21 to 0x7e), so that there's only one
 * way to sort them in any language. Text is neither trimmed nor normalized: "é" composed and decomposed are two
 * contexts. Text with a lone surrogate is refused, because UTF-8 would turn different strings into the same
 * bytes. Each part tells its own length, so that two different inputs never have the same encoding.
 */
import type { KeyVersion, OrganizationId } from '../domain/ids';
import { ContextInvalid } from './content-errors';
import { HEADER_BYTES, writeHeader } from './format';
import { MAX_CONTEXT_BYTES, MAX_CONTEXT_KEY_LENGTH } from './limits';

/** The caller's own binding: names and values that must be the same at decryption. Not secret, not stored. */
export type ContentContext = Readonly<Record<string, string>>;

const CONTEXT_KEY = new RegExp(`^[\\x21-\\x7e]{1,${MAX_CONTEXT_KEY_LENGTH}}$`);
const LONE_SURROGATE = /\p{Surrogate}/u;
const UINT32 = 4;
const FEW_KEYS = 16;
/** UTF-8 needs at most three bytes for each UTF-16 code unit. */
const MAX_UTF8_PER_UNIT = 3;

/**
 * The associated data of one ciphertext, in its canonical encoding.
 * @throws ContextInvalid for a bad key, text with a lone surrogate, or a context over 8 KiB once encoded;
 * RangeError for an impossible key version.
 */
export function associatedData(
  organization: OrganizationId,
  keyVersion: KeyVersion,
  context: ContentContext,
): Uint8Array {
  const keys = sorted(Object.keys(context));
  let units = 0;
  for (const key of keys) {
    if (!CONTEXT_KEY.test(key)) throw new ContextInvalid('bad-key');
    units += key.length + (context[key] ?? '').length;
  }
  // UTF-8 is never shorter than UTF-16 is in units, so this refuses early what the exact check would refuse.
  if (units > MAX_CONTEXT_BYTES) throw new ContextInvalid('oversize');

  const lengths = UINT32 * (3 + 2 * keys.length);
  const out = Buffer.allocUnsafe(lengths + HEADER_BYTES + (organization.length + units) * MAX_UTF8_PER_UNIT);
  let at = writeText(out, 0, organization);
  at = out.writeUInt32BE(HEADER_BYTES, at);
  const contextStart = writeHeader(out, at, keyVersion);
  at = out.writeUInt32BE(keys.length, contextStart);
  for (const key of keys) at = writeText(out, writeText(out, at, key), context[key] ?? '');
  if (at - contextStart > MAX_CONTEXT_BYTES) throw new ContextInvalid('oversize');
  return out.subarray(0, at);
}

/** By UTF-16 code unit, as `sort` does; for the few keys there usually are it would make a kilobyte of garbage. */
function sorted(keys: string[]): string[] {
  if (keys.length > FEW_KEYS) return keys.sort();
  for (let i = 1; i < keys.length; i++) {
    const key = keys[i] ?? '';
    let at = i;
    for (; at > 0 && (keys[at - 1] ?? '') > key; at--) keys[at] = keys[at - 1] ?? '';
    keys[at] = key;
  }
  return keys;
}

function writeText(out: Buffer, at: number, text: string): number {
  const start = at + UINT32;
  const length = writeAscii(out, start, text) ? text.length : writeUtf8(out, start, text);
  out.writeUInt32BE(length, at);
  return start + length;
}

/** Nearly all names and ids are ASCII, and a loop is several times faster than a call into Node for each. */
function writeAscii(out: Buffer, at: number, text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit > 0x7f) return false;
    out[at + i] = unit;
  }
  return true;
}

function writeUtf8(out: Buffer, at: number, text: string): number {
  if (LONE_SURROGATE.test(text)) throw new ContextInvalid('ill-formed-text');
  return out.write(text, at, 'utf8');
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const VALUES = new Uint8Array(128).fill(255);
for (let at = 0; at < ALPHABET.length; at++) VALUES[ALPHABET.charCodeAt(at)] = at;
VALUES['-'.charCodeAt(0)] = 62;
VALUES['_'.charCodeAt(0)] = 63;

/** base64 or base64url (RFC 4648 §4, §5), padding or not; stops at what is neither. Pure, for workflows too. */
export function base64Bytes(text: string, most = Number.POSITIVE_INFINITY): Uint8Array {
  const bytes: number[] = [];
  let bits = 0;
  let count = 0;
  for (let at = 0; at < text.length && bytes.length < most; at++) {
    const value = VALUES[text.charCodeAt(at)] ?? 255;
    if (value === 255) break;
    bits = ((bits << 6) | value) & 0xffffff;
    count += 6;
    if (count >= 8) {
      count -= 8;
      bytes.push((bits >> count) & 0xff);
    }
  }
  return Uint8Array.from(bytes);
}

/** Hex digits without anything between them, two for each byte. */
export function hexBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length >> 1);
  for (let at = 0; at < bytes.length; at++) bytes[at] = Number.parseInt(text.slice(2 * at, 2 * at + 2), 16);
  return bytes;
}

/** The text that bytes are, if they're one: ASCII but for a few characters. `null`: something else. */
export function textOf(bytes: Uint8Array): string | null {
  let strange = 0;
  for (const byte of bytes)
    if ((byte < 0x20 && byte !== 9 && byte !== 10 && byte !== 13) || byte > 0x7e) strange++;
  if (bytes.length < 16 || strange * 20 > bytes.length) return null;
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

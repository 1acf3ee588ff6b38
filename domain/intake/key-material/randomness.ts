const classOf = (code: number): number => {
  if (code >= 48 && code <= 57) return 0;
  if (code >= 65 && code <= 90) return 1;
  if (code >= 97 && code <= 122) return 2;
  return 3;
};

/**
 * Whether characters are as mixed as random base64: neighbours there change between capital, small, digit and symbol
 * in 64 of 100 places, in words, names and paths in few.
 */
export function isMixed(text: string, least = 0.36, needsAll = true): boolean {
  const seen = [0, 0, 0, 0];
  let changes = 0;
  let before = -1;
  for (let at = 0; at < text.length; at++) {
    const now = classOf(text.charCodeAt(at));
    seen[now] = (seen[now] ?? 0) + 1;
    if (before !== -1 && now !== before) changes++;
    before = now;
  }
  const [digits = 0, capitals = 0, small = 0, symbols = 0] = seen;
  const hasAll = capitals > 0 && small > 0 && (digits + symbols > 0 || !needsAll);
  return hasAll && symbols * 4 <= text.length && changes >= least * (text.length - 1);
}

/** Whether hex digits are as random bytes would be: letters and digits, and many different ones. */
export function isMixedHex(digits: string): boolean {
  let letters = 0;
  for (const digit of digits) if (digit > '9') letters++;
  return letters >= 3 && digits.length - letters >= 6 && new Set(digits.toLowerCase()).size >= 8;
}

/** Whether numbers are as random bytes would be: many different, on both halves of a byte. */
export function areMixedBytes(numbers: readonly number[]): boolean {
  const high = numbers.filter((number) => number > 127 || number < 0).length;
  return high >= 3 && numbers.length - high >= 3 && new Set(numbers).size >= Math.min(40, numbers.length / 2);
}

/** Bytes of the keys there are: 128, 192, 256, 384, 512 bits. */
const KEY_SIZES = new Set([16, 24, 32, 48, 64]);
export const isKeySize = (bytes: number): boolean => KEY_SIZES.has(bytes);

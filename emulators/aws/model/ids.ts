import type { Random } from '../../keeping/ids';

/** Identifiers in AWS's forms, out of the injected source of randomness. */
const base32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** Unique id or access key id: four letters that tell the kind, then 17 or 16 of base 32. */
export function uniqueId(prefix: 'AKIA' | 'ASIA' | 'AIDA' | 'AROA', random: Random): string {
  const length = prefix === 'AKIA' || prefix === 'ASIA' ? 16 : 17;
  return prefix + [...random(length)].map((b) => base32.charAt(b % 32)).join('');
}

/** 40 characters of base64, like a secret access key. */
export function secretKey(random: Random): string {
  return random(30).toString('base64');
}

export function accountId(random: Random): string {
  return String(100_000_000_000 + (random(6).readUIntBE(0, 6) % 899_999_999_999));
}

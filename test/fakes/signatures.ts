import { createHmac, timingSafeEqual } from 'node:crypto';

/** Stand-in for a signature: same shape as a compact JWS, an HMAC under a name only the test knows. */
export function signed(key: string, header: object, payload: object): string {
  const body = [header, payload]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  return `${body}.${mac(key, body)}`;
}

export function headerOf(token: string): Record<string, unknown> | null {
  return decoded(token.split('.')[0]);
}

export function payloadOf(token: string): Record<string, unknown> | null {
  return decoded(token.split('.')[1]);
}

/** @returns the payload, or `null` when it isn't signed with that key. */
export function opened(key: string, token: string): unknown {
  const [header, payload, given] = token.split('.');
  if (given === undefined) return null;
  const expected = Buffer.from(mac(key, `${header}.${payload}`));
  const actual = Buffer.from(given);
  if (expected.length !== actual.length || !timingSafeEqual(expected, actual)) return null;
  return decoded(payload);
}

const mac = (key: string, body: string): string => createHmac('sha256', key).update(body).digest('base64url');

function decoded(part: string | undefined): Record<string, unknown> | null {
  try {
    return JSON.parse(Buffer.from(part ?? '', 'base64url').toString()) as Record<string, unknown>;
  } catch {
    return null;
  }
}

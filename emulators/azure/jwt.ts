import { constants, createPrivateKey, type KeyObject, sign, verify } from 'node:crypto';

/** Compact JWS (RFC 7515) over JSON claims, RS256 and PS256 only (RFC 7518, 3.3 and 3.5). */
export interface ParsedJwt {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
  readonly signed: Buffer;
  readonly signature: Buffer;
}

/** undefined if it isn't one; the signature isn't looked at. */
export function parseJwt(text: string): ParsedJwt | undefined {
  const [header, payload, signature, ...more] = text.split('.');
  if (header === undefined || payload === undefined || signature === undefined || more.length > 0)
    return undefined;
  const parsed = [objectOf(header), objectOf(payload)] as const;
  if (parsed[0] === undefined || parsed[1] === undefined) return undefined;
  return {
    header: parsed[0],
    claims: parsed[1],
    signed: Buffer.from(`${header}.${payload}`),
    signature: Buffer.from(signature, 'base64url'),
  };
}

function objectOf(part: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

const pss = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };

/** False for any other algorithm as well, `none` above all. */
export function signatureHolds(jwt: ParsedJwt, key: KeyObject): boolean {
  const { alg } = jwt.header;
  if (key.asymmetricKeyType !== 'rsa') return false;
  if (alg === 'RS256') return verify('sha256', jwt.signed, key, jwt.signature);
  if (alg === 'PS256') return verify('sha256', jwt.signed, { key, ...pss }, jwt.signature);
  return false;
}

export function signJwt(
  header: Record<string, string>,
  claims: Record<string, unknown>,
  privateKey: string,
): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${part({ typ: 'JWT', alg: 'RS256', ...header })}.${part(claims)}`;
  return `${signed}.${sign('sha256', Buffer.from(signed), createPrivateKey(privateKey)).toString('base64url')}`;
}

export function textClaim(claims: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = claims[name];
  return typeof value === 'string' ? value : undefined;
}

export function numberClaim(claims: Readonly<Record<string, unknown>>, name: string): number | undefined {
  const value = claims[name];
  return typeof value === 'number' ? value : undefined;
}

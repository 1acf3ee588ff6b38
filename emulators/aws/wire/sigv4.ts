import { createHash, createHmac } from 'node:crypto';

/**
 * Signature Version 4, as
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html describes it: the path is
 * encoded once more than it was sent, but for S3.
 */

export interface Scope {
  /** YYYYMMDD */
  readonly date: string;
  readonly region: string;
  readonly service: string;
}

export interface Authorization {
  readonly accessKeyId: string;
  readonly scope: Scope;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
}

const shape =
  /^AWS4-HMAC-SHA256\s+Credential=([^/,\s]+)\/(\d{8})\/([a-z0-9-]+)\/([a-z0-9-]+)\/aws4_request\s*,\s*SignedHeaders=([a-z0-9;_-]+)\s*,\s*Signature=([0-9a-f]{64})\s*$/;

/** The Authorization header taken apart; undefined if it isn't a complete SigV4 one. */
export function parseAuthorization(text: string): Authorization | undefined {
  const m = shape.exec(text);
  if (m === null) return undefined;
  const [, accessKeyId = '', date = '', region = '', service = '', signed = '', signature = ''] = m;
  return { accessKeyId, scope: { date, region, service }, signedHeaders: signed.split(';'), signature };
}

export interface Signable {
  readonly method: string;
  readonly target: string;
  readonly body: Buffer;
  /** Value of a lower-case header name, or undefined. */
  readonly header: (name: string) => string | undefined;
  readonly path?: 'encoded once more' | 'as it was sent';
}

/** Hex signature of the request under `signingKey`. `amzDate` is the X-Amz-Date value, YYYYMMDDTHHMMSSZ. */
export function signatureOf(
  request: Signable,
  signedHeaders: readonly string[],
  amzDate: string,
  scope: Scope,
  signingKey: Buffer,
): string {
  const [path = '/', query = ''] = splitTarget(request.target);
  const headers = signedHeaders
    .map((h) => `${h}:${(request.header(h) ?? '').trim().replace(/ +/g, ' ')}\n`)
    .join('');
  const canonical = [
    request.method,
    request.path === 'as it was sent' ? path : encodePath(path),
    canonicalQuery(query),
    headers,
    signedHeaders.join(';'),
    sha256(request.body),
  ].join('\n');
  const toSign = [
    'AWS4-HMAC-SHA256',
    amzDate,
    `${scope.date}/${scope.region}/${scope.service}/aws4_request`,
    sha256(canonical),
  ].join('\n');
  return createHmac('sha256', signingKey).update(toSign).digest('hex');
}

export function signingKeyOf(secret: string, scope: Scope): Buffer {
  const steps = [scope.date, scope.region, scope.service, 'aws4_request'];
  return steps.reduce<Buffer>(
    (key, step) => createHmac('sha256', key).update(step).digest(),
    Buffer.from(`AWS4${secret}`),
  );
}

function splitTarget(target: string): [string, string] {
  const at = target.indexOf('?');
  return at < 0 ? [target, ''] : [target.slice(0, at), target.slice(at + 1)];
}

function encodePath(path: string): string {
  if (path === '' || path === '/') return '/';
  return path.split('/').map(encode).join('/');
}

function canonicalQuery(query: string): string {
  if (query === '') return '';
  return query
    .split('&')
    .map((pair) => {
      const [name = '', value = ''] = pair.split(/=(.*)/s);
      return `${encode(decode(name))}=${encode(decode(value))}`;
    })
    .sort()
    .join('&');
}

/** Text that isn't percent-encoded properly stands for itself: its signature then differs, which is the answer to it. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function sha256(data: Buffer | string): string {
  return createHash('sha256').update(data).digest('hex');
}

/** X-Amz-Date of an instant in milliseconds: YYYYMMDDTHHMMSSZ. */
export function amzDateOf(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`;
}

/** Milliseconds of an X-Amz-Date value, or undefined if it isn't one. */
export function instantOf(amzDate: string): number | undefined {
  const m = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(amzDate);
  if (m === null) return undefined;
  const ms = Date.parse(`${m[1]}-${m[2]}-${m[3]}T${m[4]}:${m[5]}:${m[6]}Z`);
  return Number.isNaN(ms) ? undefined : ms;
}

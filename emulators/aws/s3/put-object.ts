import { createHash } from 'node:crypto';
import { header, type WireRequest } from '../../loopback/wire';
import type { Call } from '../model/call';
import type { Bucket } from '../model/state';
import { AwsError } from '../wire/aws-error';
import { demand, objectArn } from './authorize';

/**
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html
 * @returns headers of the answer
 * @throws AwsError
 */
export function putObject(
  call: Call,
  request: WireRequest,
  bucket: Bucket,
  key: string,
): Record<string, string> {
  const given = (name: string): string | undefined => header(request, name);
  const condition = given('if-none-match');
  const arn = objectArn(bucket.name, key);
  demand(call, bucket.account, 's3:PutObject', arn, { 's3:if-none-match': condition });
  requireKnown(request);
  const bytes = request.body;
  const digest = createHash('sha256').update(bytes);
  if (given('x-amz-content-sha256') !== digest.copy().digest('hex'))
    throw new AwsError(
      'XAmzContentSHA256Mismatch',
      "The provided 'x-amz-content-sha256' header does not match what was computed.",
    );
  const sha256 = digest.digest('base64');
  const promised = given('x-amz-checksum-sha256');
  if (promised !== undefined && promised !== sha256)
    throw new AwsError('BadDigest', 'The SHA256 you specified did not match the calculated checksum.');
  const retainedUntil = retention(call, request, bucket, key);
  if (condition === '*' && bucket.objects.has(key))
    throw new AwsError(
      'PreconditionFailed',
      'At least one of the pre-conditions you specified did not hold',
      412,
    );
  bucket.objects.set(key, { text: textOf(bytes), sha256: promised, createdAt: call.nowMs, retainedUntil });
  call.notes.changed = true;
  return {
    etag: etagOf(bytes),
    ...(promised === undefined
      ? {}
      : { 'x-amz-checksum-sha256': promised, 'x-amz-checksum-type': 'FULL_OBJECT' }),
  };
}

/** What would make a difference and isn't there is refused, not ignored. @throws AwsError NotImplemented */
function requireKnown(request: WireRequest): void {
  const strange = Object.keys(request.headers).filter(
    (name) =>
      (/^x-amz-(checksum|sdk-checksum|server-side|acl|grant|tagging|storage|website|trailer|copy)/.test(
        name,
      ) &&
        name !== 'x-amz-checksum-sha256' &&
        name !== 'x-amz-sdk-checksum-algorithm') ||
      name === 'if-match' ||
      name === 'content-encoding',
  );
  if (strange.length > 0 || !['*', undefined].includes(header(request, 'if-none-match')))
    throw new AwsError(
      'NotImplemented',
      `A header you provided implies functionality that isn’t there: ${strange.join(', ') || 'if-none-match'}`,
      501,
    );
}

/** Epoch milliseconds, or undefined. @throws AwsError */
function retention(call: Call, request: WireRequest, bucket: Bucket, key: string): number | undefined {
  const mode = header(request, 'x-amz-object-lock-mode');
  const date = header(request, 'x-amz-object-lock-retain-until-date');
  if (mode === undefined && date === undefined) return undefined;
  demand(call, bucket.account, 's3:PutObjectRetention', objectArn(bucket.name, key));
  const refuse = (code: string, message: string): AwsError => new AwsError(code, message);
  if (mode !== 'COMPLIANCE' || date === undefined)
    throw refuse(
      'InvalidArgument',
      'x-amz-object-lock-retain-until-date and COMPLIANCE must both be supplied',
    );
  if (!bucket.hasObjectLock) throw refuse('InvalidRequest', 'Bucket is missing Object Lock Configuration');
  if (header(request, 'x-amz-checksum-sha256') === undefined)
    throw refuse(
      'InvalidRequest',
      'Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with Object Lock parameters',
    );
  const until = Date.parse(date);
  if (!(until > call.nowMs)) throw refuse('InvalidArgument', 'The retain until date must be in the future!');
  return until;
}

/** Answers are text here, so what isn't can't be kept. @throws AwsError NotImplemented */
function textOf(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  if (Buffer.from(text, 'utf8').equals(bytes)) return text;
  throw new AwsError('NotImplemented', 'This emulator keeps UTF-8 only', 501);
}

export const etagOf = (bytes: Buffer | string): string =>
  `"${createHash('md5').update(bytes).digest('hex')}"`;

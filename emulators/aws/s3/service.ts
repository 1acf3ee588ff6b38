import type { Answer, WireRequest } from '../../loopback/wire';
import { header } from '../../loopback/wire';
import type { Call } from '../model/call';
import type { Bucket } from '../model/state';
import { errorAnswer, xmlHeaders } from '../wire/answer';
import { AwsError } from '../wire/aws-error';
import { bucketArn, demand, mayUse, objectArn } from './authorize';
import { listObjects } from './list-objects';
import { etagOf, putObject } from './put-object';
import type { S3Target } from './target';

/**
 * As much of S3 as keeps objects: https://docs.aws.amazon.com/AmazonS3/latest/API/. One synchronous step, as all that
 * changes state here. Data events are in no trail that wasn't told to have them, so nothing is recorded.
 * @param pageMost of a listing
 */
export function performS3(call: Call, request: WireRequest, target: S3Target, pageMost: number): Answer {
  try {
    const { headers, body } = answerOf(call, request, target, pageMost);
    if (call.notes.changed) call.world.save();
    return { status: 200, headers: { ...xmlHeaders(call.requestId), ...headers }, body };
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return errorAnswer('xml', error, call.requestId);
  }
}

interface Good {
  readonly headers: Record<string, string>;
  readonly body: string;
}

function answerOf(call: Call, request: WireRequest, target: S3Target, pageMost: number): Good {
  const { key, query } = target;
  if (target.action === 'CreateBucket') return createBucket(call, request, target.bucket);
  const bucket = bucketOf(call, target.bucket);
  switch (target.action) {
    case 'PutObject':
      return { headers: putObject(call, request, bucket, key), body: '' };
    case 'GetObject':
      return getObject(call, request, bucket, key);
    case 'DeleteObject':
      demand(call, bucket.account, 's3:DeleteObject', objectArn(bucket.name, key));
      bucket.objects.delete(key);
      call.notes.changed = true;
      return { headers: {}, body: '' };
    case 'ListObjectsV2': {
      const own = { 's3:prefix': query.get('prefix') ?? '', 's3:delimiter': query.get('delimiter') };
      demand(call, bucket.account, 's3:ListBucket', bucketArn(bucket.name), own);
      return { headers: {}, body: listObjects(bucket, query, pageMost) };
    }
    default:
      throw new AwsError('NotImplemented', 'This emulator has no such operation', 501);
  }
}

/** Another region's is told where it is; here nobody follows. @throws AwsError */
function bucketOf({ world, region }: Call, name: string): Bucket {
  const bucket = world.state.buckets.get(name);
  if (bucket === undefined) throw new AwsError('NoSuchBucket', 'The specified bucket does not exist', 404);
  if (bucket.region === region) return bucket;
  throw new AwsError(
    'PermanentRedirect',
    'The bucket you are attempting to access must be addressed using the specified endpoint.',
    301,
  );
}

function createBucket(call: Call, request: WireRequest, name: string): Good {
  const { world, caller, region } = call;
  demand(call, caller.account, 's3:CreateBucket', bucketArn(name));
  if (!/^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/.test(name))
    throw new AwsError('InvalidBucketName', 'The specified bucket is not valid.');
  if (world.state.buckets.has(name))
    throw new AwsError('BucketAlreadyExists', 'The requested bucket name is not available.', 409);
  const hasObjectLock = header(request, 'x-amz-bucket-object-lock-enabled') === 'true';
  world.state.buckets.set(name, { name, account: caller.account, region, hasObjectLock, objects: new Map() });
  call.notes.changed = true;
  return { headers: { location: `/${name}` }, body: '' };
}

/** That there's nothing is told to whom the bucket may be listed, and to nobody else. */
function getObject(call: Call, request: WireRequest, bucket: Bucket, key: string): Good {
  demand(call, bucket.account, 's3:GetObject', objectArn(bucket.name, key));
  const found = bucket.objects.get(key);
  if (found === undefined) {
    if (!mayUse(call, bucket.account, 's3:ListBucket', bucketArn(bucket.name), { 's3:prefix': '' }))
      throw new AwsError('AccessDenied', 'Access Denied', 403);
    throw new AwsError('NoSuchKey', 'The specified key does not exist.', 404);
  }
  const wantsChecksum = header(request, 'x-amz-checksum-mode') === 'ENABLED';
  return {
    headers: {
      'content-type': 'application/octet-stream',
      etag: etagOf(found.text),
      'last-modified': new Date(found.createdAt).toUTCString(),
      ...(wantsChecksum && found.sha256 !== undefined
        ? { 'x-amz-checksum-sha256': found.sha256, 'x-amz-checksum-type': 'FULL_OBJECT' }
        : {}),
      ...(found.retainedUntil === undefined
        ? {}
        : {
            'x-amz-object-lock-mode': 'COMPLIANCE',
            'x-amz-object-lock-retain-until-date': new Date(found.retainedUntil).toISOString(),
          }),
    },
    body: found.text,
  };
}

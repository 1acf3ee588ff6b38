import type { ProviderCode } from '../../domain/codes';
import { ProviderFailure } from '../../domain/failure';
import { classify, requestIdOfAnswer } from '../aws-kms/classify';
import { textOf } from '../calls/foreign-error';

/** S3's own error names; those common to AWS's services are read as KMS's are. */
const CODES: Readonly<Record<string, ProviderCode>> = {
  SlowDown: 'THROTTLED',
  RequestTimeout: 'PROVIDER_TRANSIENT',
  OperationAborted: 'PROVIDER_TRANSIENT',
  // Another writer of the same name was under way: whichever of us was first is seen at the next attempt.
  ConditionalRequestConflict: 'PROVIDER_TRANSIENT',
  // What arrived isn't what we sent.
  BadDigest: 'NETWORK',
  XAmzContentSHA256Mismatch: 'NETWORK',
  XAmzContentChecksumMismatch: 'NETWORK',
  AccessDenied: 'OUR_IDENTITY',
  AllAccessDisabled: 'OUR_IDENTITY',
  AccountProblem: 'OUR_IDENTITY',
  InvalidAccessKeyId: 'OUR_IDENTITY',
  InvalidToken: 'OUR_IDENTITY',
  AuthorizationHeaderMalformed: 'CONFIG_INVALID',
  NoSuchBucket: 'CONFIG_INVALID',
  InvalidBucketName: 'CONFIG_INVALID',
  PermanentRedirect: 'CONFIG_INVALID',
  InvalidArgument: 'CONFIG_INVALID',
  InvalidRequest: 'CONFIG_INVALID',
  NotImplemented: 'CONFIG_INVALID',
};

/** Where raw errors of an object store die. */
export function classifyObjectError(raw: unknown, region: string): ProviderFailure {
  const code = CODES[textOf(raw, 'name')];
  return code === undefined
    ? classify(raw, 'control', region)
    : new ProviderFailure(code, requestIdOfAnswer(raw));
}

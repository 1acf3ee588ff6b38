import { memberOf, type ProviderRecord, timeOf, wordOf } from './provider-record';

/**
 * Operations that use a symmetric key, as CloudTrail names them.
 * https://docs.aws.amazon.com/kms/latest/developerguide/understanding-kms-entries.html
 */
const USES: ReadonlySet<unknown> = new Set([
  'Encrypt',
  'Decrypt',
  'ReEncrypt',
  'GenerateDataKey',
  'GenerateDataKeyWithoutPlaintext',
  'GenerateDataKeyPair',
  'GenerateDataKeyPairWithoutPlaintext',
]);

/**
 * A record of a CloudTrail log file, or of what `aws cloudtrail lookup-events` answers, which has the record as text.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
 */
export function cloudTrailOf(json: object): ProviderRecord | 'unrelated' | null {
  const inner = memberOf(json, 'CloudTrailEvent');
  if (typeof inner === 'string') {
    try {
      return recordOf(JSON.parse(inner));
    } catch {
      return null;
    }
  }
  return recordOf(json);
}

function recordOf(json: unknown): ProviderRecord | 'unrelated' | null {
  // Digest files lie beside log files, and insights among records; neither is a call.
  if (memberOf(json, 'digestS3Object') !== undefined) return 'unrelated';
  if (memberOf(json, 'eventCategory') === 'Insight') return 'unrelated';
  const eventSource = memberOf(json, 'eventSource');
  const eventName = memberOf(json, 'eventName');
  const eventId = memberOf(json, 'eventID');
  const atMs = timeOf(memberOf(json, 'eventTime'));
  if (typeof eventSource !== 'string' || typeof eventName !== 'string') return null;
  if (typeof eventId !== 'string' || Number.isNaN(atMs)) return null;
  const requestId = memberOf(json, 'requestID');
  const errorCode = memberOf(json, 'errorCode');
  // The same event, delivered to another account's trail, has an eventID of its own.
  const shared = memberOf(json, 'sharedEventID');
  return {
    provider: 'aws-kms',
    identity: typeof shared === 'string' ? shared : eventId,
    requestId: typeof requestId === 'string' ? requestId : null,
    atMs,
    operation: wordOf(eventName),
    isUse: eventSource === 'kms.amazonaws.com' && USES.has(eventName),
    keys: keysOf(json),
    refusal: errorCode === undefined || errorCode === null ? null : wordOf(errorCode) || 'refused',
    principal: principalOf(memberOf(json, 'userIdentity')),
    source: wordOf(memberOf(json, 'sourceIPAddress')),
    agent: wordOf(memberOf(json, 'userAgent')),
  };
}

/** A call that was done says which keys it used; one that was refused may only have what was asked for. */
function keysOf(json: unknown): string[] {
  const resources = memberOf(json, 'resources');
  const arns = Array.isArray(resources) ? resources.map((resource) => memberOf(resource, 'ARN')) : [];
  const asked = memberOf(memberOf(json, 'requestParameters'), 'keyId');
  return [...arns, asked].filter((name): name is string => typeof name === 'string');
}

/** https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html */
const principalOf = (identity: unknown): string =>
  wordOf(memberOf(identity, 'arn')) ||
  wordOf(memberOf(identity, 'principalId')) ||
  wordOf(memberOf(identity, 'invokedBy')) ||
  wordOf(memberOf(identity, 'accountId')) ||
  'unnamed';

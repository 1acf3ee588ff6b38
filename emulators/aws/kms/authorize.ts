import type { Call } from '../model/call';
import { callerArn } from '../model/caller';
import type { KmsKey } from '../model/state';
import { judge } from '../policy/evaluate';
import { requestKeys } from '../policy/request-keys';
import { AwsError } from '../wire/aws-error';
import type { EncryptionContext } from './fields';

/**
 * KMS's condition keys: https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html
 * Names of context keys in a condition key are compared without regard to case, as IAM does.
 */
export interface KmsFacts {
  readonly context?: EncryptionContext | undefined;
  readonly alias?: string | undefined;
  readonly algorithm?: string | undefined;
  readonly pendingWindowDays?: number | undefined;
}

/** Operations that a principal of another account may be allowed. */
const crossAccount = new Set([
  'Encrypt',
  'Decrypt',
  'ReEncrypt',
  'GenerateDataKey',
  'GenerateDataKeyWithoutPlaintext',
  'DescribeKey',
  'GetKeyRotationStatus',
  'ListKeyRotations',
]);

/**
 * Records the key in the trail and judges key policy, identity policy and session policy.
 * @throws AwsError AccessDeniedException, worded with the reason
 */
export function authorizeKey(call: Call, key: KmsKey, facts: KmsFacts = {}, action = call.action): void {
  if (!call.notes.resources.some((r) => r.ARN === key.arn)) {
    call.notes.resources.push({ accountId: key.account, type: 'AWS::KMS::Key', ARN: key.arn });
  }
  call.notes.recipient = key.account;
  const foreign = key.account !== call.caller.account && !crossAccount.has(call.action);
  const verdict = foreign
    ? { allowed: false as const, why: `because no resource-based policy allows the kms:${action} action` }
    : judge(
        { caller: call.caller, action: `kms:${action}`, resource: key.arn, keys: keysFor(call, key, facts) },
        { kind: 'key', text: key.policy, account: key.account },
      );
  if (!verdict.allowed) throw denied(call, action, `on resource: ${key.arn} ${verdict.why}`);
}

/** For what no key policy speaks about: creating, listing, and an alias's own side. */
export function authorizeIdentity(call: Call, resource: string, action = call.action): void {
  const verdict = judge(
    { caller: call.caller, action: `kms:${action}`, resource, keys: keysFor(call, undefined, {}) },
    undefined,
  );
  if (!verdict.allowed) throw denied(call, action, `on resource: ${resource} ${verdict.why}`);
}

/** A ciphertext whose key isn't here: AWS doesn't say which of the three it is. */
export function deniedForCiphertext(call: Call): AwsError {
  return denied(
    call,
    call.action === 'ReEncrypt' ? 'ReEncryptFrom' : call.action,
    'on the resource associated with this ciphertext because the resource does not exist in this Region, ' +
      'no resource-based policies allow access, or a resource-based policy explicitly denies access',
  );
}

function denied(call: Call, action: string, rest: string): AwsError {
  return new AwsError(
    'AccessDeniedException',
    `User: ${callerArn(call.caller)} is not authorized to perform: kms:${action} ${rest}`,
  );
}

function keysFor(
  call: Call,
  key: KmsKey | undefined,
  facts: KmsFacts,
): (name: string) => readonly string[] | undefined {
  const { caller, region, sourceIp, userAgent, nowMs } = call;
  const resourceAccount = key?.account ?? caller.account;
  return requestKeys({ caller, region, sourceIp, userAgent, nowMs, resourceAccount }, (name) =>
    kmsKey(call, key, facts, name),
  );
}

const contextPrefix = 'kms:encryptioncontext:';

function kmsKey(
  call: Call,
  key: KmsKey | undefined,
  facts: KmsFacts,
  name: string,
): readonly string[] | undefined {
  if (name.startsWith(contextPrefix)) {
    const wanted = name.slice(contextPrefix.length);
    const values = Object.entries(facts.context ?? {}).filter(([k]) => k.toLowerCase() === wanted);
    return values.length === 0 ? undefined : values.map(([, v]) => v);
  }
  switch (name) {
    case 'kms:encryptioncontextkeys': {
      const names = Object.keys(facts.context ?? {});
      return names.length === 0 ? undefined : names;
    }
    case 'kms:calleraccount':
      return [call.caller.account];
    case 'kms:requestalias':
      return facts.alias === undefined ? undefined : [facts.alias];
    case 'kms:resourcealiases': {
      const aliases = [...call.world.state.aliases.values()]
        .filter((a) => a.targetArn === key?.arn)
        .map((a) => a.name);
      return aliases.length === 0 ? undefined : aliases;
    }
    case 'kms:encryptionalgorithm':
      return facts.algorithm === undefined ? undefined : [facts.algorithm];
    case 'kms:schedulekeydeletionpendingwindowindays':
      return facts.pendingWindowDays === undefined ? undefined : [String(facts.pendingWindowDays)];
    case 'kms:keyspec':
      return key === undefined ? undefined : [key.keySpec];
    case 'kms:keyusage':
      return key === undefined ? undefined : [key.keyUsage];
    case 'kms:keyorigin':
      return key === undefined ? undefined : [key.origin];
    case 'kms:multiregion':
      return key === undefined ? undefined : [String(key.multiRegion)];
    // kms:ViaService exists only in calls that another AWS service makes; none does here.
    default:
      return undefined;
  }
}

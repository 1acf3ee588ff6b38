import type { Call } from '../model/call';
import type { KmsKey } from '../model/state';
import { compilePolicy, PolicyMalformed } from '../policy/document';
import { requirePrincipals } from '../policy/principals';
import { AwsError } from '../wire/aws-error';
import { authorizeKey } from './authorize';
import type { Output } from './cryptography';
import { flag, type Input, keyIdIn, required, text } from './fields';
import { requireState } from './key-states';
import { keyById } from './lookup';

/** https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html */

/** What AWS gives a key made without a policy: the account may, through its IAM policies. */
export function defaultKeyPolicy(account: string): string {
  return JSON.stringify({
    Version: '2012-10-17',
    Id: 'key-default-1',
    Statement: [
      {
        Sid: 'Enable IAM User Permissions',
        Effect: 'Allow',
        Principal: { AWS: `arn:aws:iam::${account}:root` },
        Action: 'kms:*',
        Resource: '*',
      },
    ],
  });
}

/** @throws AwsError MalformedPolicyDocumentException */
export function acceptKeyPolicy(call: Call, policy: string): void {
  try {
    const refusal = (): string => 'Policy contains a statement with one or more invalid principals.';
    requirePrincipals(call.world.state, compilePolicy(policy, 'key'), refusal);
  } catch (error) {
    if (error instanceof PolicyMalformed)
      throw new AwsError('MalformedPolicyDocumentException', error.message);
    throw error;
  }
}

/** The lockout safety check: whoever sets a policy must still be able to change it. */
export function requireNoLockout(call: Call, key: KmsKey, policy: string): void {
  const resources = [...call.notes.resources];
  try {
    authorizeKey(call, { ...key, policy }, {}, 'PutKeyPolicy');
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    throw new AwsError(
      'MalformedPolicyDocumentException',
      'The new key policy will not allow you to update the key policy in the future.',
    );
  } finally {
    call.notes.resources.splice(0, Number.POSITIVE_INFINITY, ...resources);
  }
}

export function putKeyPolicy(call: Call, input: Input): Output {
  const name = required(keyIdIn(input), 'keyId');
  const policy = required(text(input, 'Policy', { min: 1, max: 131_072 }), 'policy');
  requireDefaultName(input);
  const bypass = flag(input, 'BypassPolicyLockoutSafetyCheck');
  call.notes.parameters = {
    keyId: name,
    policyName: 'default',
    policy,
    bypassPolicyLockoutSafetyCheck: bypass,
  };
  const key = keyById(call, name);
  authorizeKey(call, key);
  requireState(key, ['Enabled', 'Disabled', 'PendingDeletion', 'PendingImport', 'Unavailable']);
  acceptKeyPolicy(call, policy);
  if (!bypass) requireNoLockout(call, key, policy);
  key.policy = policy;
  call.notes.changed = true;
  return {};
}

export function getKeyPolicy(call: Call, input: Input): Output {
  const name = required(keyIdIn(input), 'keyId');
  requireDefaultName(input);
  call.notes.parameters = { keyId: name, policyName: 'default' };
  const key = keyById(call, name);
  authorizeKey(call, key);
  return { Policy: key.policy, PolicyName: 'default' };
}

export function listKeyPolicies(call: Call, input: Input): Output {
  const key = keyById(call, required(keyIdIn(input), 'keyId'));
  authorizeKey(call, key);
  return { PolicyNames: ['default'], Truncated: false };
}

function requireDefaultName(input: Input): void {
  const name = text(input, 'PolicyName', { min: 1, max: 128 });
  if (name !== undefined && name !== 'default')
    throw new AwsError('NotFoundException', 'No such policy exists');
}

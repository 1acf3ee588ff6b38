import type { Call } from '../model/call';
import { callerArn } from '../model/caller';
import type { Account } from '../model/state';
import { compilePolicy, type PolicyKind, PolicyMalformed } from '../policy/document';
import { judge } from '../policy/evaluate';
import { requirePrincipals } from '../policy/principals';
import { requestKeys } from '../policy/request-keys';
import type { TrailResource } from '../trail/record';
import { AwsError } from '../wire/aws-error';
import type { Form } from '../wire/form';

/** IAM's own permissions come from identity policies alone; callers act in their own account. */
export function authorizeIam(call: Call, type: TrailResource['type'], resource: string): void {
  const { caller, region, sourceIp, userAgent, nowMs } = call;
  call.notes.resources.push({ accountId: caller.account, type, ARN: resource });
  const keys = requestKeys(
    { caller, region, sourceIp, userAgent, nowMs, resourceAccount: caller.account },
    () => undefined,
  );
  const verdict = judge({ caller, action: `iam:${call.action}`, resource, keys }, undefined);
  if (verdict.allowed) return;
  throw new AwsError(
    'AccessDenied',
    `User: ${callerArn(caller)} is not authorized to perform: iam:${call.action} on resource: ${resource} ${verdict.why}`,
    403,
  );
}

export function accountOf(call: Call): Account {
  const account = call.world.state.accounts.get(call.caller.account);
  if (account === undefined) throw new AwsError('ServiceFailure', 'The account of the caller is gone.', 500);
  return account;
}

/** @throws AwsError MalformedPolicyDocument */
export function acceptPolicy(call: Call, text: string, kind: PolicyKind): void {
  try {
    const policy = compilePolicy(text, kind);
    if (kind === 'trust')
      requirePrincipals(call.world.state, policy, (p) => `Invalid principal in policy: "AWS":"${p}"`);
  } catch (error) {
    if (error instanceof PolicyMalformed) throw new AwsError('MalformedPolicyDocument', error.message);
    throw error;
  }
}

export function noSuchEntity(message: string): AwsError {
  return new AwsError('NoSuchEntity', message, 404);
}

export function entityExists(message: string): AwsError {
  return new AwsError('EntityAlreadyExists', message, 409);
}

/** A policy as IAM sends it back: percent-encoded. */
export function encodedPolicy(text: string): string {
  return encodeURIComponent(text);
}

export const nameRule = { min: 1, max: 64, pattern: /[\w+=,.@-]+/ };
export const pathRule = { min: 1, max: 512, pattern: /\/|\/[!-~]+\// };

/** A boundary that's ignored would allow more than was asked for. */
export function refuseBoundary(form: Form): void {
  if (form.has('PermissionsBoundary'))
    throw new AwsError('ValidationError', 'PermissionsBoundary is not emulated');
}

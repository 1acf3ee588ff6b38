import type { Call } from '../model/call';
import { assumedRoleArn, callerArn, roleArn, type Session } from '../model/caller';
import { secretKey, uniqueId } from '../model/ids';
import type { Role } from '../model/state';
import { compilePolicy, PolicyMalformed } from '../policy/document';
import { judge } from '../policy/evaluate';
import { requestKeys } from '../policy/request-keys';
import { AwsError } from '../wire/aws-error';
import { type Form, field, integerField, requiredField } from '../wire/form';
import type { XmlTree } from '../wire/query';
import { sealSession } from './session-token';

/**
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
 * A missing role, a trust policy that doesn't name the caller and a wrong external ID give the same refusal.
 */
const policyMost = 2048;
const chainedSessionSeconds = 3600;

export function assumeRole(call: Call, form: Form): XmlTree {
  const arn = requiredField(form, 'RoleArn', { min: 20, max: 2048 });
  const sessionName = requiredField(form, 'RoleSessionName', { min: 2, max: 64, pattern: /[\w+=,.@-]*/ });
  const seconds = integerField(form, 'DurationSeconds', 900, 43_200) ?? 3600;
  const externalId = field(form, 'ExternalId', { min: 2, max: 1224, pattern: /[\w+=,.@:/-]*/ });
  const policy = field(form, 'Policy', { min: 1, max: policyMost });
  refuseUnemulated(form);
  call.notes.parameters = {
    roleArn: arn,
    roleSessionName: sessionName,
    durationSeconds: seconds,
    ...(externalId === undefined ? {} : { externalId }),
    ...(policy === undefined ? {} : { policy }),
  };
  const { account, role } = roleAt(call, arn);
  if (role === undefined || !trusts(call, account, role, sessionName, externalId)) {
    throw new AwsError(
      'AccessDenied',
      `User: ${callerArn(call.caller)} is not authorized to perform: sts:AssumeRole on resource: ${arn}`,
      403,
    );
  }
  requireDuration(call, role, seconds);
  requirePolicy(policy);
  const session = newSession(call, account, role, sessionName, seconds, policy);
  const user = {
    AssumedRoleId: `${role.id}:${sessionName}`,
    Arn: assumedRoleArn(account, role, sessionName),
  };
  const expiration = new Date(session.expiresAt).toISOString();
  call.notes.response = {
    credentials: { accessKeyId: session.accessKeyId, expiration },
    assumedRoleUser: { assumedRoleId: user.AssumedRoleId, arn: user.Arn },
  };
  return {
    Credentials: {
      AccessKeyId: session.accessKeyId,
      SecretAccessKey: session.secret,
      SessionToken: sealSession(call.world, session),
      Expiration: expiration,
    },
    AssumedRoleUser: user,
    ...(policy === undefined ? {} : { PackedPolicySize: Math.ceil((policy.length / policyMost) * 100) }),
  };
}

function roleAt(call: Call, arn: string): { account: string; role: Role | undefined } {
  const m = /^arn:aws:iam::(\d{12}):role\/(?:.*\/)?([^/]+)$/.exec(arn);
  if (m === null) throw new AwsError('ValidationError', `${arn} is invalid`);
  const [, account = '', name = ''] = m;
  const role = call.world.state.accounts.get(account)?.roles.get(name);
  if (call.world.state.accounts.has(account)) call.notes.recipient = account;
  call.notes.resources.push({ accountId: account, type: 'AWS::IAM::Role', ARN: arn });
  return { account, role: role !== undefined && roleArn(account, role) === arn ? role : undefined };
}

function trusts(
  call: Call,
  account: string,
  role: Role,
  sessionName: string,
  externalId: string | undefined,
): boolean {
  const { caller, region, sourceIp, userAgent, nowMs } = call;
  const keys = requestKeys(
    { caller, region, sourceIp, userAgent, nowMs, resourceAccount: account },
    (name) => {
      if (name === 'sts:externalid') return externalId === undefined ? undefined : [externalId];
      return name === 'sts:rolesessionname' ? [sessionName] : undefined;
    },
  );
  const question = { caller, action: 'sts:AssumeRole', resource: roleArn(account, role), keys };
  return judge(question, { kind: 'trust', text: role.trustPolicy, account }).allowed;
}

function requireDuration(call: Call, role: Role, seconds: number): void {
  if (call.caller.kind === 'session' && seconds > chainedSessionSeconds) {
    throw new AwsError(
      'ValidationError',
      'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.',
    );
  }
  if (seconds > role.maxSessionSeconds) {
    throw new AwsError(
      'ValidationError',
      'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
    );
  }
}

function requirePolicy(policy: string | undefined): void {
  if (policy === undefined) return;
  try {
    compilePolicy(policy, 'session');
  } catch (error) {
    if (error instanceof PolicyMalformed) throw new AwsError('MalformedPolicyDocument', error.message);
    throw error;
  }
}

function newSession(
  call: Call,
  account: string,
  role: Role,
  name: string,
  seconds: number,
  policy: string | undefined,
): Session {
  const { random } = call.world;
  // AWS gives whole seconds; the session lives as long as its printed expiration says.
  const issuedAt = Math.floor(call.world.clock() / 1000) * 1000;
  return {
    accessKeyId: uniqueId('ASIA', random),
    secret: secretKey(random),
    account,
    roleName: role.name,
    roleId: role.id,
    name,
    policy,
    issuedAt,
    expiresAt: issuedAt + seconds * 1000,
  };
}

/** Better a refusal than a session that isn't narrowed, or tagged, as asked. */
function refuseUnemulated(form: Form): void {
  for (const name of form.keys()) {
    if (
      /^(PolicyArns|Tags|TransitiveTagKeys|ProvidedContexts)\./.test(name) ||
      name === 'SerialNumber' ||
      name === 'TokenCode'
    ) {
      throw new AwsError('ValidationError', `${name} is not emulated`);
    }
  }
}

import type { Call } from '../model/call';
import { roleArn } from '../model/caller';
import { uniqueId } from '../model/ids';
import type { Role } from '../model/state';
import { secondsIso } from '../trail/identity';
import { AwsError } from '../wire/aws-error';
import { type Form, field, integerField, requiredField } from '../wire/form';
import type { XmlTree } from '../wire/query';
import {
  acceptPolicy,
  accountOf,
  authorizeIam,
  encodedPolicy,
  entityExists,
  nameRule,
  noSuchEntity,
  pathRule,
  refuseBoundary,
} from './authorize';

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_Operations.html, roles with inline policies. */

export function createRole(call: Call, form: Form): XmlTree {
  const name = requiredField(form, 'RoleName', nameRule);
  refuseBoundary(form);
  const trustPolicy = requiredField(form, 'AssumeRolePolicyDocument', { min: 1, max: 131_072 });
  const path = field(form, 'Path', pathRule) ?? '/';
  const maxSessionSeconds = integerField(form, 'MaxSessionDuration', 3600, 43_200) ?? 3600;
  const account = accountOf(call);
  const role: Role = {
    name,
    path,
    id: uniqueId('AROA', call.world.random),
    createdAt: call.world.clock(),
    policies: new Map(),
    description: field(form, 'Description', { max: 1000 }) ?? '',
    maxSessionSeconds,
    trustPolicy,
  };
  call.notes.parameters = {
    roleName: name,
    path,
    assumeRolePolicyDocument: trustPolicy,
    maxSessionDuration: maxSessionSeconds,
  };
  authorizeIam(call, 'AWS::IAM::Role', roleArn(account.id, role));
  acceptPolicy(call, trustPolicy, 'trust');
  if (account.roles.has(name)) throw entityExists(`Role with name ${name} already exists.`);
  account.roles.set(name, role);
  call.notes.changed = true;
  return { Role: described(account.id, role) };
}

export function getRole(call: Call, form: Form): XmlTree {
  const { account, role } = roleNamed(call, form);
  return { Role: described(account, role) };
}

export function listRoles(call: Call): XmlTree {
  const account = accountOf(call);
  authorizeIam(call, 'AWS::IAM::Role', `arn:aws:iam::${account.id}:role/`);
  return { Roles: [...account.roles.values()].map((r) => described(account.id, r)), IsTruncated: false };
}

export function updateAssumeRolePolicy(call: Call, form: Form): undefined {
  const document = requiredField(form, 'PolicyDocument', { min: 1, max: 131_072 });
  const { role } = roleNamed(call, form, { policyDocument: document });
  acceptPolicy(call, document, 'trust');
  role.trustPolicy = document;
  call.notes.changed = true;
  return undefined;
}

export function deleteRole(call: Call, form: Form): undefined {
  const { role } = roleNamed(call, form);
  if (role.policies.size > 0)
    throw new AwsError('DeleteConflict', 'Cannot delete entity, must delete policies first.', 409);
  accountOf(call).roles.delete(role.name);
  call.notes.changed = true;
  return undefined;
}

export function putRolePolicy(call: Call, form: Form): undefined {
  const policyName = requiredField(form, 'PolicyName', { ...nameRule, max: 128 });
  const document = requiredField(form, 'PolicyDocument', { min: 1, max: 131_072 });
  const { role } = roleNamed(call, form, { policyName, policyDocument: document });
  acceptPolicy(call, document, 'identity');
  role.policies.set(policyName, document);
  call.notes.changed = true;
  return undefined;
}

export function getRolePolicy(call: Call, form: Form): XmlTree {
  const policyName = requiredField(form, 'PolicyName', { ...nameRule, max: 128 });
  const { role } = roleNamed(call, form, { policyName });
  const document = role.policies.get(policyName);
  if (document === undefined) throw noSuchEntity(`The role policy with name ${policyName} cannot be found.`);
  return { RoleName: role.name, PolicyName: policyName, PolicyDocument: encodedPolicy(document) };
}

export function listRolePolicies(call: Call, form: Form): XmlTree {
  const { role } = roleNamed(call, form);
  return { PolicyNames: [...role.policies.keys()], IsTruncated: false };
}

export function deleteRolePolicy(call: Call, form: Form): undefined {
  const policyName = requiredField(form, 'PolicyName', { ...nameRule, max: 128 });
  const { role } = roleNamed(call, form, { policyName });
  if (!role.policies.delete(policyName))
    throw noSuchEntity(`The role policy with name ${policyName} cannot be found.`);
  call.notes.changed = true;
  return undefined;
}

function roleNamed(
  call: Call,
  form: Form,
  noted: Readonly<Record<string, string>> = {},
): { account: string; role: Role } {
  const name = requiredField(form, 'RoleName', nameRule);
  call.notes.parameters = { roleName: name, ...noted };
  const account = accountOf(call);
  const role = account.roles.get(name);
  authorizeIam(
    call,
    'AWS::IAM::Role',
    role === undefined ? `arn:aws:iam::${account.id}:role/${name}` : roleArn(account.id, role),
  );
  if (role === undefined) throw noSuchEntity(`The role with name ${name} cannot be found.`);
  return { account: account.id, role };
}

function described(account: string, role: Role): XmlTree {
  return {
    Path: role.path,
    RoleName: role.name,
    RoleId: role.id,
    Arn: roleArn(account, role),
    CreateDate: secondsIso(role.createdAt),
    AssumeRolePolicyDocument: encodedPolicy(role.trustPolicy),
    Description: role.description === '' ? undefined : role.description,
    MaxSessionDuration: role.maxSessionSeconds,
  };
}

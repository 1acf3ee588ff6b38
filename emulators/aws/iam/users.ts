import type { Call } from '../model/call';
import { userArn } from '../model/caller';
import { uniqueId } from '../model/ids';
import type { AccessKey, User } from '../model/state';
import { secondsIso } from '../trail/identity';
import { AwsError } from '../wire/aws-error';
import { type Form, field, requiredField } from '../wire/form';
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

/** Users, their access keys and inline policies. Without a UserName, IAM means the caller. */
const accessKeysMost = 2;

export function createUser(call: Call, form: Form): XmlTree {
  const name = requiredField(form, 'UserName', nameRule);
  refuseBoundary(form);
  const account = accountOf(call);
  const user: User = {
    name,
    path: field(form, 'Path', pathRule) ?? '/',
    id: uniqueId('AIDA', call.world.random),
    createdAt: call.world.clock(),
    policies: new Map(),
    accessKeys: new Map(),
  };
  call.notes.parameters = { userName: name, path: user.path };
  authorizeIam(call, 'AWS::IAM::User', userArn(account.id, user));
  if (account.users.has(name)) throw entityExists(`User with name ${name} already exists.`);
  account.users.set(name, user);
  call.notes.changed = true;
  return { User: described(account.id, user) };
}

export function getUser(call: Call, form: Form): XmlTree {
  const { account, user } = userNamed(call, form);
  return { User: described(account, user) };
}

export function deleteUser(call: Call, form: Form): undefined {
  const { user } = userNamed(call, form);
  if (user.accessKeys.size > 0)
    throw new AwsError('DeleteConflict', 'Cannot delete entity, must delete access keys first.', 409);
  if (user.policies.size > 0)
    throw new AwsError('DeleteConflict', 'Cannot delete entity, must delete policies first.', 409);
  accountOf(call).users.delete(user.name);
  call.notes.changed = true;
  return undefined;
}

export function createAccessKey(call: Call, form: Form): XmlTree {
  const { user } = userNamed(call, form);
  if (user.accessKeys.size >= accessKeysMost) {
    throw new AwsError('LimitExceeded', `Cannot exceed quota for AccessKeysPerUser: ${accessKeysMost}`, 409);
  }
  const key = call.world.addAccessKey(accountOf(call), user);
  call.notes.changed = true;
  call.notes.response = { accessKey: { userName: user.name, accessKeyId: key.id, status: key.status } };
  return { AccessKey: { ...keyDescribed(user, key), SecretAccessKey: key.secret } };
}

export function listAccessKeys(call: Call, form: Form): XmlTree {
  const { user } = userNamed(call, form);
  return {
    AccessKeyMetadata: [...user.accessKeys.values()].map((k) => keyDescribed(user, k)),
    IsTruncated: false,
  };
}

export function updateAccessKey(call: Call, form: Form): undefined {
  const status = requiredField(form, 'Status');
  if (status !== 'Active' && status !== 'Inactive')
    throw new AwsError('ValidationError', `Invalid status ${status}`);
  const { user } = userNamed(call, form);
  accessKeyNamed(user, form).status = status;
  call.notes.changed = true;
  return undefined;
}

export function deleteAccessKey(call: Call, form: Form): undefined {
  const { user } = userNamed(call, form);
  call.world.removeAccessKey(user, accessKeyNamed(user, form).id);
  call.notes.changed = true;
  return undefined;
}

export function putUserPolicy(call: Call, form: Form): undefined {
  const policyName = requiredField(form, 'PolicyName', { ...nameRule, max: 128 });
  const document = requiredField(form, 'PolicyDocument', { min: 1, max: 131_072 });
  const { user } = userNamed(call, form, { policyName, policyDocument: document });
  acceptPolicy(call, document, 'identity');
  user.policies.set(policyName, document);
  call.notes.changed = true;
  return undefined;
}

export function getUserPolicy(call: Call, form: Form): XmlTree {
  const policyName = requiredField(form, 'PolicyName', { ...nameRule, max: 128 });
  const { user } = userNamed(call, form, { policyName });
  const document = user.policies.get(policyName);
  if (document === undefined) throw noSuchEntity(`The user policy with name ${policyName} cannot be found.`);
  return { UserName: user.name, PolicyName: policyName, PolicyDocument: encodedPolicy(document) };
}

export function deleteUserPolicy(call: Call, form: Form): undefined {
  const policyName = requiredField(form, 'PolicyName', { ...nameRule, max: 128 });
  const { user } = userNamed(call, form, { policyName });
  if (!user.policies.delete(policyName))
    throw noSuchEntity(`The user policy with name ${policyName} cannot be found.`);
  call.notes.changed = true;
  return undefined;
}

function userNamed(
  call: Call,
  form: Form,
  noted: Readonly<Record<string, string>> = {},
): { account: string; user: User } {
  const own = call.caller.kind === 'user' ? call.caller.user.name : undefined;
  const name = field(form, 'UserName', nameRule) ?? own;
  if (name === undefined)
    throw new AwsError('ValidationError', 'Must specify userName when calling with non-User credentials');
  call.notes.parameters = { userName: name, ...noted };
  const account = accountOf(call);
  const user = account.users.get(name);
  authorizeIam(
    call,
    'AWS::IAM::User',
    user === undefined ? `arn:aws:iam::${account.id}:user/${name}` : userArn(account.id, user),
  );
  if (user === undefined) throw noSuchEntity(`The user with name ${name} cannot be found.`);
  return { account: account.id, user };
}

function accessKeyNamed(user: User, form: Form): AccessKey {
  const id = requiredField(form, 'AccessKeyId', { min: 16, max: 128, pattern: /[\w]*/ });
  const key = user.accessKeys.get(id);
  if (key === undefined) throw noSuchEntity(`The Access Key with id ${id} cannot be found.`);
  return key;
}

function keyDescribed(user: User, key: AccessKey): XmlTree {
  return {
    UserName: user.name,
    AccessKeyId: key.id,
    Status: key.status,
    CreateDate: secondsIso(key.createdAt),
  };
}

function described(account: string, user: User): XmlTree {
  return {
    Path: user.path,
    UserName: user.name,
    UserId: user.id,
    Arn: userArn(account, user),
    CreateDate: secondsIso(user.createdAt),
  };
}

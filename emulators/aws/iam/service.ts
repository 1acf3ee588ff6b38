import type { Call } from '../model/call';
import { AwsError } from '../wire/aws-error';
import type { Form } from '../wire/form';
import { type XmlTree, xmlResponse } from '../wire/query';
import {
  createRole,
  deleteRole,
  deleteRolePolicy,
  getRole,
  getRolePolicy,
  listRolePolicies,
  listRoles,
  putRolePolicy,
  updateAssumeRolePolicy,
} from './roles';
import {
  createAccessKey,
  createUser,
  deleteAccessKey,
  deleteUser,
  deleteUserPolicy,
  getUser,
  getUserPolicy,
  listAccessKeys,
  putUserPolicy,
  updateAccessKey,
} from './users';

const operations = new Map<string, (call: Call, form: Form) => XmlTree | undefined>(
  Object.entries({
    CreateRole: createRole,
    GetRole: getRole,
    ListRoles: listRoles,
    UpdateAssumeRolePolicy: updateAssumeRolePolicy,
    DeleteRole: deleteRole,
    PutRolePolicy: putRolePolicy,
    GetRolePolicy: getRolePolicy,
    ListRolePolicies: listRolePolicies,
    DeleteRolePolicy: deleteRolePolicy,
    CreateUser: createUser,
    GetUser: getUser,
    DeleteUser: deleteUser,
    CreateAccessKey: createAccessKey,
    ListAccessKeys: listAccessKeys,
    UpdateAccessKey: updateAccessKey,
    DeleteAccessKey: deleteAccessKey,
    PutUserPolicy: putUserPolicy,
    GetUserPolicy: getUserPolicy,
    DeleteUserPolicy: deleteUserPolicy,
  }),
);

/** @throws AwsError */
export function performIam(call: Call, form: Form): string {
  const operation = operations.get(call.action);
  if (operation === undefined)
    throw new AwsError('InvalidAction', `Could not find operation ${call.action} for version 2010-05-08`);
  return xmlResponse(
    'https://iam.amazonaws.com/doc/2010-05-08/',
    call.action,
    operation(call, form),
    call.requestId,
  );
}

import type { Call } from '../model/call';
import { callerArn, userId } from '../model/caller';
import { AwsError } from '../wire/aws-error';
import type { Form } from '../wire/form';
import { xmlResponse } from '../wire/query';
import { assumeRole } from './assume-role';

const namespace = 'https://sts.amazonaws.com/doc/2011-06-15/';

/** @throws AwsError */
export function performSts(call: Call, form: Form): string {
  switch (call.action) {
    case 'AssumeRole':
      return xmlResponse(namespace, 'AssumeRole', assumeRole(call, form), call.requestId);
    case 'GetCallerIdentity': {
      // Needs no permission, and no policy can deny it.
      const who = { Arn: callerArn(call.caller), UserId: userId(call.caller), Account: call.caller.account };
      return xmlResponse(namespace, 'GetCallerIdentity', who, call.requestId);
    }
    default:
      throw new AwsError('InvalidAction', `Could not find operation ${call.action} for version 2011-06-15`);
  }
}

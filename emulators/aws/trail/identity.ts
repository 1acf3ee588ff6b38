import { type Caller, callerArn, roleArn, userId } from '../model/caller';
import type { UserIdentity } from './record';

/** https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html */
export function identityOf(caller: Caller): UserIdentity {
  const common = {
    principalId: userId(caller),
    arn: callerArn(caller),
    accountId: caller.account,
    accessKeyId: caller.accessKeyId,
  };
  if (caller.kind === 'user') return { type: 'IAMUser', ...common, userName: caller.user.name };
  return {
    type: 'AssumedRole',
    ...common,
    sessionContext: {
      sessionIssuer: {
        type: 'Role',
        principalId: caller.role.id,
        arn: roleArn(caller.account, caller.role),
        accountId: caller.account,
        userName: caller.role.name,
      },
      attributes: { creationDate: secondsIso(caller.session.issuedAt), mfaAuthenticated: 'false' },
    },
  };
}

/** ISO 8601 without fractions, as CloudTrail and IAM write times. */
export function secondsIso(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

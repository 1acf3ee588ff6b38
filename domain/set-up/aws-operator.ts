import type { JsonObject } from '../canonical';

/** IAM policies of the operator's own identities (DESIGN.md §6). The rest is in the key policies. */
export interface AwsOperatorPolicies {
  /** Assumes the customers' roles. */
  readonly wrapping: JsonObject;
  /** Creates, disables and deletes platform keys. The cipher identity needs no policy: each key's own names it. */
  readonly control: JsonObject;
}

/** @param account the operator's AWS account. */
export function awsOperatorPolicies(partition: string, account: string): AwsOperatorPolicies {
  return {
    wrapping: policy([
      {
        Sid: 'AssumeCustomersRoles',
        Effect: 'Allow',
        Action: 'sts:AssumeRole',
        Resource: `arn:${partition}:iam::*:role/*`,
      },
    ]),
    control: policy([
      {
        Sid: 'CreateAndFindKeys',
        Effect: 'Allow',
        Action: ['kms:CreateKey', 'kms:TagResource', 'kms:ListKeys', 'kms:ListAliases'],
        Resource: '*',
      },
      {
        Sid: 'NameKeys',
        Effect: 'Allow',
        Action: 'kms:CreateAlias',
        Resource: `arn:${partition}:kms:*:${account}:alias/smsk/*`,
      },
    ]),
  };
}

const policy = (statements: JsonObject[]): JsonObject => ({ Version: '2012-10-17', Statement: statements });

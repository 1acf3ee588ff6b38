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
      // Whoever can send calls with it must not become the identity that ends platform keys.
      {
        Sid: 'AssumeNoneOfOurOwn',
        Effect: 'Deny',
        Action: 'sts:AssumeRole',
        Resource: `arn:${partition}:iam::${account}:role/*`,
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

/**
 * Trust policy of one of the operator's own roles (`{"kind": "role"}` in the configuration).
 * @param machines ARNs of the identities of the machines whose processes may assume it, and of no others
 */
export const awsOperatorTrust = (machines: readonly string[]): JsonObject =>
  policy([
    {
      Sid: 'OurProcesses',
      Effect: 'Allow',
      Principal: { AWS: [...machines] },
      Action: 'sts:AssumeRole',
    },
  ]);

const policy = (statements: JsonObject[]): JsonObject => ({ Version: '2012-10-17', Statement: statements });

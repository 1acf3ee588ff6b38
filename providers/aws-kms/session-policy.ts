import { awsKeyParts } from '../../domain/intake/aws';

/** What a session is for: one key, or finding out which key an alias names. */
export type SessionScope =
  | { readonly kind: 'key'; readonly arn: string }
  | { readonly kind: 'alias'; readonly arn: string };

export const scopeOf = (arn: string): SessionScope => ({
  kind: awsKeyParts(arn).isAlias ? 'alias' : 'key',
  arn,
});

/** The widest a session with the customer's role may be used for (invariant 11). */
export const CUSTOMER_COMMANDS = ['Encrypt', 'Decrypt'] as const;

/**
 * Narrows the role's rights to the one key and to wrap and unwrap. A policy's `Resource` can't name an alias,
 * so the session that resolves one may wrap, and only in a request that names exactly this alias
 * (`kms:RequestAlias`); everything after that is done in a session for the key that answered.
 * https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-request-alias
 */
export function sessionPolicy({ kind, arn }: SessionScope): string {
  if (kind === 'key') return policy({ Action: ['kms:Encrypt', 'kms:Decrypt'], Resource: arn });
  const { partition, region, account } = awsKeyParts(arn);
  return policy({
    Action: 'kms:Encrypt',
    Resource: `arn:${partition}:kms:${region}:${account}:key/*`,
    Condition: { StringEquals: { 'kms:RequestAlias': arn.slice(arn.indexOf(':alias/') + 1) } },
  });
}

const policy = (statement: object): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...statement }] });

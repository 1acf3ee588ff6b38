import type { OperationId, OrganizationId } from '../../domain/ids';

/** ARNs of the operator's two identities, in one account. */
export interface PlatformPrincipals {
  readonly cipher: string;
  readonly control: string;
}

/** Tag that binds a key to its organization from the call that creates it. */
export const ORGANIZATION_TAG = 'smsk:org';
/** Tag that binds one to the offboarding it was made for. */
export const OFFBOARDING_TAG = 'smsk:offboarding';

/** The one name of a key: an organization's first, or one that an offboarding makes. */
export const aliasOf = (organization: OrganizationId, offboarding: OperationId | string | null): string =>
  `alias/smsk/${organization}${offboarding === null ? '' : `/${offboarding}`}`;

/**
 * Written in the call that creates the key. Wrap and unwrap are the cipher identity's, for this organization's
 * envelopes; ending the key is the control identity's, and nobody is given a way to enable it again or to cancel
 * its deletion. The account keeps the right to read and mend the policy, or a re-created identity would lose the
 * data for good; its use of that right shows in CloudTrail.
 */
export function platformKeyPolicy(
  organization: OrganizationId,
  { cipher, control }: PlatformPrincipals,
): string {
  const [, partition = '', , , account = ''] = control.split(':');
  const allow = (Sid: string, AWS: string, Action: readonly string[], rest: object = {}) => ({
    Sid,
    Effect: 'Allow',
    Principal: { AWS },
    Action,
    Resource: '*',
    ...rest,
  });
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      allow('AccountMendsThePolicy', `arn:${partition}:iam::${account}:root`, [
        'kms:DescribeKey',
        'kms:GetKeyPolicy',
        'kms:PutKeyPolicy',
        'kms:ListResourceTags',
      ]),
      allow('CipherWrapsAndUnwraps', cipher, ['kms:Encrypt', 'kms:Decrypt'], {
        Condition: { StringEquals: { 'kms:EncryptionContext:smsk:org': organization } },
      }),
      allow('ControlEndsTheKey', control, [
        'kms:DescribeKey',
        'kms:ListResourceTags',
        'kms:CreateAlias',
        'kms:DisableKey',
        'kms:ScheduleKeyDeletion',
      ]),
    ],
  });
}

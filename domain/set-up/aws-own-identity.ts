import type { JsonObject } from '../canonical';
import type { OrganizationId } from '../ids';
import { AWS_POLICY_NAME, awsRolePolicy, json, keyPolicyCommand, keyPolicyFor, nameAndPath } from './aws';
import { quoted } from './quoted';

/** What the set-up of an approved reference is made from at AWS. Every value has passed its grammar. */
export interface AwsOwnIdentityInput {
  readonly organization: OrganizationId;
  /** ARN of the IAM user or role of the customer's that the reference makes us. */
  readonly identity: string;
  /** Key ARN or alias ARN. */
  readonly key: string;
}

export interface AwsOwnIdentity {
  readonly keyPolicy: JsonObject;
  /** What the identity may do. */
  readonly identityPolicy: JsonObject;
  /** Ready to paste into a POSIX shell with the AWS CLI. Holds no secret, and makes none. */
  readonly text: string;
}

/** An identity of the customer's own that may wrap and unwrap with one key, and nothing else. */
export function awsOwnIdentity({ organization, identity, key }: AwsOwnIdentityInput): AwsOwnIdentity {
  const [kind = '', ...rest] = (identity.split(':')[5] ?? '').split('/');
  const { name, path } = nameAndPath(rest.join('/'));
  const sid = kind === 'role' ? 'RoleWrapsAndUnwraps' : 'UserWrapsAndUnwraps';
  const keyPolicy = keyPolicyFor(organization, key, sid, identity);
  const identityPolicy = awsRolePolicy({ organization, key });
  const account = identity.split(':')[4] ?? '';
  return {
    keyPolicy,
    identityPolicy,
    text: [
      ...(kind === 'role' ? roleExists(account) : createUser(account, name, path)),
      `# 2. What the ${kind} may do: wrap and unwrap with this one key. It must have no other policy, and be in no group.`,
      `aws iam put-${kind}-policy --${kind}-name ${quoted(name)} --policy-name ${AWS_POLICY_NAME} \\`,
      `  --policy-document ${json(identityPolicy)}`,
      '',
      ...keyPolicyCommand(3, key, sid, keyPolicy),
      ...(kind === 'role' ? sessions() : accessKey(name)),
    ].join('\n'),
  };
}

const createUser = (account: string, name: string, path: string): string[] => [
  `# 1. In account ${account}: a user for this alone, without a password. If it exists, leave this out.`,
  `aws iam create-user --user-name ${quoted(name)} --path ${quoted(path)}`,
  '',
];

const roleExists = (account: string): string[] => [
  `# 1. In account ${account}: the role, made by you and for this alone. We don’t assume it: what does, on your side,`,
  '#    is what its trust policy names.',
  '',
];

const accessKey = (name: string): string[] => [
  '# 4. Last, and not here: its access key. Whoever holds it is this user, so it goes where it was agreed with our',
  '#    people, straight from the machine it is made on, and never into a ticket, a mail or any field of this product.',
  '#    In a file that its owner alone may read, in the form in which we read it:',
  `#      (umask 077; aws iam create-access-key --user-name ${quoted(name)} --output json --query \\`,
  "#        'AccessKey.{accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey}' > smsk-credential.json)",
  '#    To renew it make a second one, have that registered and confirmed, and delete the first.',
  '',
];

const sessions = (): string[] => [
  '# 4. Last, and not here: what assumes the role puts each session’s credentials where it was agreed with our people,',
  '#    before the present ones end, and never into a ticket, a mail or any field of this product. The form in which we',
  '#    read them: {"accessKeyId": …, "secretAccessKey": …, "sessionToken": …}',
  '',
];

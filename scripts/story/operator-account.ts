import { join } from 'node:path';
import { createIamClient, element, type IamClient, IamRefusal } from '../../emulators/aws/iam-client';
import { secretFile } from './secrets';

/** The operator's own account in the emulated AWS, and the three identities our processes have there. */
export interface OperatorAccount {
  readonly account: string;
  readonly principalArn: string;
  readonly contentPrincipalArn: string;
  readonly files: { readonly principal: string; readonly content: string; readonly control: string };
}

const ACCOUNT = '999900001111';

/** What each identity may do by its own policy: keys and roles have policies of their own besides. */
const IDENTITIES = {
  'smsk-principal': [{ Effect: 'Allow', Action: 'sts:AssumeRole', Resource: '*' }],
  'smsk-platform-content': [{ Effect: 'Allow', Action: ['kms:Encrypt', 'kms:Decrypt'], Resource: '*' }],
  'smsk-platform-control': [
    {
      Effect: 'Allow',
      Action: [
        ...[
          'kms:CreateKey',
          'kms:CreateAlias',
          'kms:ListAliases',
          'kms:DescribeKey',
          'kms:TagResource',
          'kms:ListKeys',
        ],
        ...[
          'kms:DisableKey',
          'kms:ScheduleKeyDeletion',
          'kms:ListResourceTags',
          'kms:PutKeyPolicy',
          'kms:Decrypt',
          'kms:Encrypt',
        ],
      ],
      Resource: '*',
    },
  ],
} as const;

/** Idempotent: what's there stays. */
export async function setUpOperatorAccount(
  emulator: { url: string; controlToken: string },
  folder: string,
): Promise<OperatorAccount> {
  const admin = await seededAccount(emulator, { name: 'operator', accountId: ACCOUNT });
  const iam = createIamClient(emulator.url, admin);
  const files = { principal: '', content: '', control: '' };
  const names = {
    principal: 'smsk-principal',
    content: 'smsk-platform-content',
    control: 'smsk-platform-control',
  } as const;
  for (const part of ['principal', 'content', 'control'] as const) {
    files[part] = join(folder, 'identities', `${names[part]}.json`);
    await createIdentity(iam, names[part], files[part]);
  }
  const arn = (name: string) => `arn:aws:iam::${ACCOUNT}:user/${name}`;
  return {
    account: ACCOUNT,
    principalArn: arn(names.principal),
    contentPrincipalArn: arn(names.content),
    files,
  };
}

async function createIdentity(iam: IamClient, name: keyof typeof IDENTITIES, file: string): Promise<void> {
  await unlessThere(iam.call('CreateUser', { UserName: name }));
  const policy = JSON.stringify({ Version: '2012-10-17', Statement: IDENTITIES[name] });
  await iam.call('PutUserPolicy', { UserName: name, PolicyName: name, PolicyDocument: policy });
  const key = await iam.call('CreateAccessKey', { UserName: name });
  secretFile(file, () =>
    JSON.stringify({
      accessKeyId: element(key, 'AccessKeyId'),
      secretAccessKey: element(key, 'SecretAccessKey'),
    }),
  );
}

/** An account of the emulated AWS with its administrator's credentials. */
export async function seededAccount(
  emulator: { url: string; controlToken: string },
  wanted: { name: string; accountId: string },
): Promise<{ accessKeyId: string; secretAccessKey: string }> {
  const response = await fetch(`${emulator.url}/_emulator/accounts`, {
    method: 'POST',
    headers: { authorization: `Bearer ${emulator.controlToken}`, 'content-type': 'application/json' },
    body: JSON.stringify(wanted),
    signal: AbortSignal.timeout(10_000),
  });
  if (!response.ok) throw new Error(`the emulator refused to make account ${wanted.name}`);
  const { admin } = (await response.json()) as { admin: { accessKeyId: string; secretAccessKey: string } };
  return { accessKeyId: admin.accessKeyId, secretAccessKey: admin.secretAccessKey };
}

/** Waits for a call whose object may exist already. */
export async function unlessThere(call: Promise<unknown>): Promise<void> {
  await call.catch((error: unknown) => {
    if (!(error instanceof IamRefusal) || error.code !== 'EntityAlreadyExists') throw error;
  });
}

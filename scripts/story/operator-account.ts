import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonObject } from '../../domain/canonical';
import { awsOperatorPolicies } from '../../domain/set-up/aws-operator';
import { createIamClient, element, type IamClient } from '../../emulators/aws/iam-client';
import type { Identity } from '../../runtime/identity';
import { seededAccount, unlessThere } from './emulated-account';
import { secretFile } from './secrets';

/** The operator's own account in the emulated AWS, and the three identities our processes have there. */
export interface OperatorAccount {
  readonly account: string;
  readonly principal: MountedIdentity;
  readonly content: MountedIdentity;
  readonly control: MountedIdentity;
}
export type MountedIdentity = Extract<Identity, { kind: 'file' }>;

const ACCOUNT = '999900001111';

/** Idempotent: what's there stays. */
export async function setUpOperatorAccount(
  emulator: { url: string; controlToken: string },
  folder: string,
): Promise<OperatorAccount> {
  const admin = await seededAccount(emulator, { name: 'operator', accountId: ACCOUNT });
  const iam = createIamClient(emulator.url, admin);
  const { wrapping, control } = awsOperatorPolicies('aws', ACCOUNT);
  const mounted = async (name: string, policy: JsonObject | null): Promise<MountedIdentity> => {
    const file = join(folder, 'identities', `${name}.json`);
    await createIdentity(iam, name, policy, file);
    return { kind: 'file', file, arn: `arn:aws:iam::${ACCOUNT}:user/${name}` };
  };
  return {
    account: ACCOUNT,
    principal: await mounted('smsk-principal', wrapping),
    // No policy of its own: each platform key's policy names it.
    content: await mounted('smsk-platform-content', null),
    control: await mounted('smsk-platform-control', control),
  };
}

async function createIdentity(
  iam: IamClient,
  name: string,
  policy: JsonObject | null,
  file: string,
): Promise<void> {
  if (existsSync(file)) return;
  await unlessThere(iam.call('CreateUser', { UserName: name }));
  if (policy !== null) {
    await iam.call('PutUserPolicy', {
      UserName: name,
      PolicyName: name,
      PolicyDocument: JSON.stringify(policy),
    });
  }
  const key = await iam.call('CreateAccessKey', { UserName: name });
  secretFile(file, () =>
    JSON.stringify({
      accessKeyId: element(key, 'AccessKeyId'),
      secretAccessKey: element(key, 'SecretAccessKey'),
    }),
  );
}

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonObject } from '../../domain/canonical';
import { awsOperatorPolicies } from '../../domain/set-up/aws-operator';
import { createIamClient, element, type IamClient, IamRefusal } from '../../emulators/aws/iam-client';
import type { Identity } from '../../runtime/identity';
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

import { KMSClient } from '@aws-sdk/client-kms';
import { AssumeRoleCommand, type AssumeRoleCommandInput, STSClient } from '@aws-sdk/client-sts';
import { type AwsEmulator, type AwsEmulatorOptions, startAwsEmulator } from '../../../emulators/aws/emulator';
import { createIamClient, element, type IamClient } from '../../../emulators/aws/iam-client';

/** The cast of these tests: the operator's worker, and a customer with a key and a role that trusts the worker. */

export const region = 'eu-central-1';

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export interface Person {
  readonly account: string;
  readonly credentials: Credentials;
  readonly iam: IamClient;
  readonly kms: KMSClient;
  readonly sts: STSClient;
}

export interface Cloud {
  readonly emulator: AwsEmulator;
  /** Administrator of a new account. */
  admin(name: string, accountId?: string): Person;
  person(account: string, credentials: Credentials): Person;
  kms(credentials: Credentials, inRegion?: string): KMSClient;
  sts(credentials: Credentials): STSClient;
  /** A user with one inline policy, made by the account's administrator. */
  user(admin: Person, name: string, policy: object): Promise<Person>;
  role(admin: Person, name: string, trust: object, policy: object): Promise<string>;
  assume(who: Person, input: AssumeRoleCommandInput): Promise<Person>;
  close(): Promise<void>;
}

export async function startCloud(options: AwsEmulatorOptions = {}): Promise<Cloud> {
  const emulator = await startAwsEmulator(options);
  const clients: { destroy(): void }[] = [];
  const keep = <T extends { destroy(): void }>(client: T): T => {
    clients.push(client);
    return client;
  };
  const common = { endpoint: emulator.url, maxAttempts: 1 };
  const kms = (credentials: Credentials, inRegion = region): KMSClient =>
    keep(new KMSClient({ ...common, region: inRegion, credentials }));
  const sts = (credentials: Credentials): STSClient =>
    keep(new STSClient({ ...common, region, credentials }));
  const person = (account: string, credentials: Credentials): Person => ({
    account,
    credentials,
    iam: createIamClient(emulator.url, credentials, options.clock),
    kms: kms(credentials),
    sts: sts(credentials),
  });
  return {
    emulator,
    person,
    kms,
    sts,
    admin: (name, accountId) => {
      const made = emulator.createAccount(accountId === undefined ? { name } : { name, accountId });
      return person(made.accountId, made.admin);
    },
    user: async (admin, name, policy) => {
      await admin.iam.call('CreateUser', { UserName: name });
      await admin.iam.call('PutUserPolicy', {
        UserName: name,
        PolicyName: 'p',
        PolicyDocument: JSON.stringify(policy),
      });
      const xml = await admin.iam.call('CreateAccessKey', { UserName: name });
      return person(admin.account, {
        accessKeyId: element(xml, 'AccessKeyId') ?? '',
        secretAccessKey: element(xml, 'SecretAccessKey') ?? '',
      });
    },
    role: async (admin, name, trust, policy) => {
      const xml = await admin.iam.call('CreateRole', {
        RoleName: name,
        AssumeRolePolicyDocument: JSON.stringify(trust),
      });
      await admin.iam.call('PutRolePolicy', {
        RoleName: name,
        PolicyName: 'p',
        PolicyDocument: JSON.stringify(policy),
      });
      return element(xml, 'Arn') ?? '';
    },
    assume: async (who, input) => {
      const { Credentials: c } = await who.sts.send(new AssumeRoleCommand(input));
      return person(input.RoleArn?.split(':')[4] ?? '', {
        accessKeyId: c?.AccessKeyId ?? '',
        secretAccessKey: c?.SecretAccessKey ?? '',
        sessionToken: c?.SessionToken ?? '',
      });
    },
    close: async () => {
      for (const client of clients) client.destroy();
      await emulator.close();
    },
  };
}

export function allow(
  action: string | readonly string[],
  resource: string | readonly string[] = '*',
  more: object = {},
): object {
  return {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: action, Resource: resource, ...more }],
  };
}

export function trust(principal: string, externalId?: string): object {
  const condition =
    externalId === undefined ? {} : { Condition: { StringEquals: { 'sts:ExternalId': externalId } } };
  return {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { AWS: principal }, Action: 'sts:AssumeRole', ...condition }],
  };
}

/** The statement without which a customer locks itself out. */
export function ownerStatement(account: string): object {
  return {
    Sid: 'Owner',
    Effect: 'Allow',
    Principal: { AWS: `arn:aws:iam::${account}:root` },
    Action: 'kms:*',
    Resource: '*',
  };
}

/** Name and message of the refusal; fails if there is none. */
export async function refusal(
  promise: Promise<unknown>,
): Promise<{ name: string; message: string; status: number | undefined }> {
  try {
    await promise;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
    return { name: error.name, message: error.message, status };
  }
  throw new Error('expected a refusal, got an answer');
}

import { randomBytes, randomUUID } from 'node:crypto';
import {
  CreateAliasCommand,
  CreateKeyCommand,
  type CreateKeyCommandInput,
  KMSClient,
  PutKeyPolicyCommand,
} from '@aws-sdk/client-kms';
import type { JsonObject } from '../../../domain/canonical';
import { type AwsConnection, awsConnectionInput, newConnection } from '../../../domain/connection';
import type { ConnectionId, KeyRef, OrganizationId } from '../../../domain/ids';
import { type AwsSetUpInput, awsKeyPolicy, awsRolePolicy, awsTrustPolicy } from '../../../domain/set-up/aws';
import { awsOperatorPolicies } from '../../../domain/set-up/aws-operator';
import { type AwsEmulator, startAwsEmulator } from '../../../emulators/aws/emulator';
import { createIamClient, element } from '../../../emulators/aws/iam-client';
import type { AwsCredentials } from '../../../providers/aws-kms/clients';
import { createAwsKmsProvider } from '../../../providers/aws-kms/provider';
import type { AwsReferencedOf } from '../../../providers/aws-kms/referenced';
import { createAwsKmsVerifier } from '../../../providers/aws-kms/verifier';
import type { CallRecord } from '../../../providers/calls/call';
import { createEgress, type Egress } from '../../../providers/egress/egress';
import { notReferenced } from '../../harness/no-references';

export const REGION = 'eu-central-1';

/** An account with its administrator's clients. */
export interface EmulatedAccount {
  readonly id: string;
  /** Its administrator's credentials. */
  readonly admin: AwsCredentials;
  readonly iam: ReturnType<typeof createIamClient>;
  kms(region?: string): KMSClient;
}

/** The emulated cloud: the operator's account with our identity in it, and the customer's. */
export class AwsWorld {
  readonly operator: EmulatedAccount;
  readonly customer: EmulatedAccount;
  readonly #clients: KMSClient[] = [];

  private constructor(
    readonly emulator: AwsEmulator,
    readonly egress: Egress,
  ) {
    this.operator = this.account('operator');
    this.customer = this.account('customer');
  }

  static async start(options: Parameters<typeof startAwsEmulator>[0] = {}): Promise<AwsWorld> {
    const emulator = await startAwsEmulator(options);
    const egress = createEgress({ mode: 'development', emulators: { aws: emulator.url } });
    return new AwsWorld(emulator, egress);
  }

  account(name: string): EmulatedAccount {
    const { accountId, admin } = this.emulator.createAccount({ name });
    return {
      id: accountId,
      admin,
      iam: createIamClient(this.emulator.url, admin),
      kms: (region = REGION) => {
        const client = new KMSClient({
          region,
          endpoint: this.emulator.url,
          credentials: admin,
          maxAttempts: 1,
        });
        this.#clients.push(client);
        return client;
      },
    };
  }

  /** A user with a policy, and its key. */
  async user(
    name: string,
    policy: JsonObject | null,
    { iam, id }: EmulatedAccount = this.operator,
  ): Promise<{ arn: string; credentials: AwsCredentials }> {
    await iam.call('CreateUser', { UserName: name });
    if (policy !== null) {
      const PolicyDocument = JSON.stringify(policy);
      await iam.call('PutUserPolicy', { UserName: name, PolicyName: 'own', PolicyDocument });
    }
    const xml = await iam.call('CreateAccessKey', { UserName: name });
    const accessKeyId = element(xml, 'AccessKeyId') ?? '';
    const secretAccessKey = element(xml, 'SecretAccessKey') ?? '';
    return { arn: `arn:aws:iam::${id}:user/${name}`, credentials: { accessKeyId, secretAccessKey } };
  }

  wrapping(): Promise<{ arn: string; credentials: AwsCredentials }> {
    return this.user('smsk-wrapping', awsOperatorPolicies('aws', this.operator.id).wrapping);
  }

  async key(
    input: Partial<CreateKeyCommandInput> = {},
    owner = this.customer,
    region = REGION,
  ): Promise<string> {
    const { KeyMetadata } = await owner.kms(region).send(new CreateKeyCommand(input));
    return KeyMetadata?.Arn ?? '';
  }

  async alias(name: string, target: string): Promise<string> {
    await this.customer
      .kms()
      .send(new CreateAliasCommand({ AliasName: `alias/${name}`, TargetKeyId: target }));
    return `arn:aws:kms:${REGION}:${this.customer.id}:alias/${name}`;
  }

  role(name: string, trust: JsonObject): Promise<string> {
    return this.customer.iam.call('CreateRole', {
      RoleName: name,
      AssumeRolePolicyDocument: JSON.stringify(trust),
    });
  }

  /** Exactly what the printed text tells the customer to do. */
  async carryOut(input: AwsSetUpInput, keyArn = input.key): Promise<void> {
    const RoleName = input.roleArn.slice(input.roleArn.lastIndexOf('/') + 1);
    await this.role(RoleName, awsTrustPolicy(input));
    const PolicyDocument = JSON.stringify(awsRolePolicy(input));
    await this.customer.iam.call('PutRolePolicy', {
      RoleName,
      PolicyName: 'wrap-and-unwrap',
      PolicyDocument,
    });
    const Policy = JSON.stringify(awsKeyPolicy(input));
    await this.customer.kms().send(new PutKeyPolicyCommand({ KeyId: keyArn, PolicyName: 'default', Policy }));
  }

  async close(): Promise<void> {
    for (const client of this.#clients) client.destroy();
    this.egress.close();
    await this.emulator.close();
  }
}

export interface AwsFixtureOptions {
  /** Enter an alias of the key instead of its ARN. */
  readonly byAlias?: boolean;
  readonly clock?: () => number;
  readonly emulatorClock?: () => number;
  /** Whom approved references make us. */
  readonly referencedBy?: (world: AwsWorld) => AwsReferencedOf;
}

/** A customer set up as printed, and the provider over it. */
export async function awsFixture({
  byAlias = false,
  clock = Date.now,
  emulatorClock,
  referencedBy = () => notReferenced,
}: AwsFixtureOptions = {}) {
  const world = await AwsWorld.start(emulatorClock === undefined ? {} : { clock: emulatorClock });
  const us = await world.wrapping();
  const organization = randomUUID() as OrganizationId;
  const externalId = randomBytes(16).toString('hex');
  const keyArn = await world.key();
  const key = byAlias ? await world.alias('workspace', keyArn) : keyArn;
  const roleArn = `arn:aws:iam::${world.customer.id}:role/novantra-wrap`;
  const setUp: AwsSetUpInput = { organization, externalId, ourPrincipal: us.arn, roleArn, key };
  await world.carryOut(setUp, keyArn);

  const records: CallRecord[] = [];
  const asked: { refresh: boolean }[] = [];
  const options = {
    egress: world.egress,
    identity: async (how?: { readonly refresh: boolean }) => {
      asked.push({ refresh: how?.refresh === true });
      return us.credentials;
    },
    clock,
    random: (size: number) => randomBytes(size),
    observe: (record: CallRecord) => void records.push(record),
    processTag: 'test-1',
    referencedOf: referencedBy(world),
  };
  const connect = (changes: { key?: string; region?: string; roleArn?: string } = {}): AwsConnection => {
    const input = awsConnectionInput.parse({
      provider: 'aws-kms',
      region: changes.region ?? REGION,
      key: changes.key ?? key,
      credential: { kind: 'aws-role', roleArn: changes.roleArn ?? roleArn },
    });
    return newConnection(randomUUID() as ConnectionId, organization, externalId, input);
  };
  return {
    world,
    us,
    setUp,
    keyArn,
    connect,
    options,
    asked,
    records,
    provider: createAwsKmsProvider(options),
    verifier: createAwsKmsVerifier(options),
    connection: { ...connect(), pinnedKeyRef: keyArn as KeyRef },
    close: () => world.close(),
  };
}
export type AwsFixture = Awaited<ReturnType<typeof awsFixture>>;

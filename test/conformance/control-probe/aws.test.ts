import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DisableKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { ownerOf } from '../../../domain/attribution';
import { canaryContext } from '../../../domain/canary';
import { type AwsConnection, awsConnectionInput, connectionDigest } from '../../../domain/connection';
import type { ConnectionId, KeyRef, OrganizationId } from '../../../domain/ids';
import { type AwsEmulator, startAwsEmulator } from '../../../emulators/aws/emulator';
import { createIamClient, element } from '../../../emulators/aws/iam-client';
import { composeProviders } from '../../../providers/compose';
import { canariesOf } from '../../../providers/control-probe/canaries';
import { createControlProbe } from '../../../providers/control-probe/control-probe';
import { awsCustomer, CUSTOMER_REGION } from '../../../scripts/story/aws-customer';
import { setUpOperator } from '../../../scripts/story/operator';
import { printedFor } from '../../../scripts/story/printed';
import { NO_PLACES, NO_REFERENCES } from '../../harness/no-references';
import { failureOf } from '../provider-contract/contract';
import { type Breakage, type ControlWorld, namesWhoCanMendIt } from './contract';

interface AwsControlWorld extends ControlWorld {
  readonly connection: AwsConnection;
  readonly emulator: AwsEmulator;
  readonly roleName: string;
  readonly canaryKey: string;
  iam(account: string): ReturnType<typeof createIamClient>;
  kms(account: string): KMSClient;
}

const OPERATOR = '999900001111';
const CANARY = '999900002222';
const CUSTOMER = '111122223333';

async function start(): Promise<AwsControlWorld> {
  const emulator = await startAwsEmulator();
  const folder = mkdtempSync(join(tmpdir(), 'smsk-control-'));
  const { account, canary } = await setUpOperator({ aws: emulator, azure: null }, folder);
  const { principal, content, control } = account;
  const customer = await awsCustomer(emulator, { name: 'acme', accountId: CUSTOMER });
  const { keyArn: key, roleArn } = customer;
  const organization = randomUUID() as string as OrganizationId;
  const externalId = `smsk-${randomBytes(20).toString('hex')}`;
  const letIn = { principalArn: principal.arn, clientId: null };
  await customer.setUp(printedFor({ organization, externalId, ...letIn }));
  customer.close();
  const input = awsConnectionInput.parse({
    ...{ provider: 'aws-kms', region: CUSTOMER_REGION, key },
    credential: { kind: 'aws-role', roleArn },
  });
  const aws = composeProviders(
    {
      mode: 'development',
      aws: { identity: principal, emulatorUrl: emulator.url },
      azure: { apps: [], emulator: null },
      platform: { region: CUSTOMER_REGION, content, control },
      references: NO_PLACES,
    },
    {
      env: {},
      path: (file) => file,
      secret: (file) => file,
      processTag: 'test',
      observe: () => undefined,
      references: NO_REFERENCES,
    },
  );
  const verifier = aws.verifier();
  const clients: KMSClient[] = [];
  const admin = (accountId: string) => emulator.createAccount({ name: accountId, accountId }).admin;
  return {
    connection: {
      id: randomUUID() as string as ConnectionId,
      ...{ organization, externalId, input },
      digest: connectionDigest(organization, externalId, input),
      pinnedKeyRef: key as KeyRef,
    },
    ...{ emulator, verifier },
    provider: aws.provider,
    roleName: roleArn.slice(roleArn.lastIndexOf('/') + 1),
    canaryKey: canary.aws?.key ?? '',
    iam: (account) => createIamClient(emulator.url, admin(account)),
    kms: (account) => {
      const client = new KMSClient({
        ...{ region: CUSTOMER_REGION, endpoint: emulator.url, credentials: admin(account) },
      });
      clients.push(client);
      return client;
    },
    probe: () =>
      createControlProbe({
        ...{ verifier, canaries: canariesOf(canary), clock: Date.now, observe: () => undefined },
        deadlineMs: 2_000,
      }),
    close: async () => {
      for (const client of clients) client.destroy();
      aws.egress.close();
      await emulator.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const takesOurRight = ({ iam }: AwsControlWorld) =>
  iam(OPERATOR).call('DeleteUserPolicy', { UserName: 'smsk-principal', PolicyName: 'smsk-principal' });

async function revokesOurKey({ iam }: AwsControlWorld): Promise<void> {
  const keys = await iam(OPERATOR).call('ListAccessKeys', { UserName: 'smsk-principal' });
  const AccessKeyId = element(keys, 'AccessKeyId') ?? '';
  await iam(OPERATOR).call('DeleteAccessKey', { UserName: 'smsk-principal', AccessKeyId });
}

const answers =
  (service: 'sts' | 'kms', code: string, status: number, keyId?: string) =>
  ({ emulator }: AwsControlWorld): string =>
    emulator.inject({
      match: { service, ...(keyId === undefined ? {} : { keyId }) },
      effect: { kind: 'error', code, status, message: 'as injected' },
    });

const ofTheirKey =
  (code: string, status: number) =>
  (world: AwsControlWorld): string =>
    answers('kms', code, status, world.connection.input.key)(world);

const BREAKAGES: readonly Breakage<AwsControlWorld>[] = [
  {
    what: 'the customer’s role is gone',
    breaks: async ({ iam, roleName }) => {
      await iam(CUSTOMER).call('DeleteRolePolicy', { RoleName: roleName, PolicyName: 'wrap-and-unwrap' });
      await iam(CUSTOMER).call('DeleteRole', { RoleName: roleName });
    },
    code: 'ROLE_ASSUME_DENIED',
    owner: 'customer',
  },
  {
    what: 'the customer’s key is off',
    breaks: ({ kms, connection }) =>
      kms(CUSTOMER).send(new DisableKeyCommand({ KeyId: connection.input.key })),
    code: 'KEY_DISABLED',
    owner: 'customer',
  },
  {
    what: 'the customer’s key is off, and our canary’s as well',
    breaks: async ({ kms, connection, canaryKey }) => {
      await kms(CUSTOMER).send(new DisableKeyCommand({ KeyId: connection.input.key }));
      await kms(CANARY).send(new DisableKeyCommand({ KeyId: canaryKey }));
    },
    code: 'KEY_DISABLED',
    owner: 'customer',
  },
  {
    what: 'the customer’s quota is spent',
    breaks: ofTheirKey('ThrottlingException', 400),
    code: 'THROTTLED',
    owner: 'customer',
  },
  {
    what: 'our principal may assume no role any more',
    breaks: takesOurRight,
    code: 'ROLE_ASSUME_DENIED',
    owner: 'operator',
  },
  { what: 'our principal’s key was revoked', breaks: revokesOurKey, code: 'OUR_IDENTITY', owner: 'operator' },
  {
    what: 'our own quota of AssumeRole is spent',
    breaks: answers('sts', 'Throttling', 400),
    code: 'THROTTLED',
    owner: 'operator',
  },
  {
    what: 'STS is in trouble for everybody',
    breaks: answers('sts', 'ServiceUnavailable', 503),
    code: 'PROVIDER_TRANSIENT',
    owner: 'provider',
  },
  {
    what: 'KMS is in trouble for everybody',
    breaks: answers('kms', 'KMSInternalException', 500),
    code: 'PROVIDER_TRANSIENT',
    owner: 'provider',
  },
  {
    what: 'KMS is in trouble for one key',
    breaks: ofTheirKey('KMSInternalException', 500),
    code: 'PROVIDER_TRANSIENT',
    owner: 'provider',
  },
  {
    what: 'KMS answers everybody in words we don’t know',
    breaks: answers('kms', 'NewException', 400),
    code: 'UNCLASSIFIED',
    owner: 'operator',
  },
  {
    what: 'nothing gets out of our network',
    breaks: ({ emulator }) => emulator.inject({ effect: { kind: 'reset', when: 'before' } }),
    code: 'NETWORK',
    owner: 'operator',
  },
  {
    what: 'connections end where this one key is',
    breaks: ({ emulator, connection }) =>
      emulator.inject({ match: { keyId: connection.input.key }, effect: { kind: 'reset', when: 'before' } }),
    code: 'NETWORK',
    owner: 'provider',
  },
];

describe('at AWS, what is broken is attributed to whom it belongs', () => {
  namesWhoCanMendIt(start, BREAKAGES);

  test('no answer at all, to anybody: the provider’s', async () => {
    const world = await start();
    try {
      world.emulator.inject({ effect: { kind: 'hang', when: 'before' } });
      const signal = AbortSignal.timeout(200);
      const { code } = await failureOf(world.verifier.verify(world.connection, signal));
      expect(code).toBe('DEADLINE_EXCEEDED');
      expect(await ownerOf(world.probe(), world.connection.input, code)).toBe('provider');
    } finally {
      await world.close();
    }
  });

  test('a session that content still uses hides nothing: the canary asks with new ones', async () => {
    const world = await start();
    try {
      const { provider, connection } = world;
      const context = canaryContext(connection.organization);
      const never = new AbortController().signal;
      const probe = world.probe();
      const { wrapped, keyRef } = await provider.wrap(connection, randomBytes(32), context, never);
      await world.probe().outcome('aws-kms');
      await takesOurRight(world);
      // The session at hand outlives our right by minutes.
      await provider.unwrap(connection, wrapped, keyRef, context, never);
      expect(await probe.outcome('aws-kms')).toEqual({ result: 'fails', code: 'ROLE_ASSUME_DENIED' });
    } finally {
      await world.close();
    }
  });

  test('our canary’s account sees what a customer’s sees, and its envelopes are its own', async () => {
    const world = await start();
    try {
      await world.probe().outcome('aws-kms');
      const seen = world.emulator
        .trail()
        .filter(({ recipientAccountId }) => recipientAccountId === CANARY)
        .map(({ eventName, errorCode }) => `${eventName}${errorCode === undefined ? '' : ` ${errorCode}`}`);
      expect(seen.filter((event) => event.startsWith('AssumeRole'))).toEqual([
        'AssumeRole',
        'AssumeRole AccessDenied',
        'AssumeRole AccessDenied',
      ]);
      expect(seen).toEqual(expect.arrayContaining(['Encrypt', 'Decrypt']));
    } finally {
      await world.close();
    }
  });
});

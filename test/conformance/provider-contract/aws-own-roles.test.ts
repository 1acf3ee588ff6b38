import { randomBytes, randomUUID } from 'node:crypto';
import {
  CreateKeyCommand,
  DecryptCommand,
  DisableKeyCommand,
  EncryptCommand,
  GetKeyPolicyCommand,
  KMSClient,
} from '@aws-sdk/client-kms';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import type { JsonObject } from '../../../domain/canonical';
import { type Connection, connectionDigest, connectionInput } from '../../../domain/connection';
import { ProviderFailure } from '../../../domain/failure';
import type { ConnectionId, KeyRef, KeyVersion, OrganizationId } from '../../../domain/ids';
import type { StatementVerifier } from '../../../domain/ports/authority';
import { awsOperatorPolicies, awsOperatorTrust } from '../../../domain/set-up/aws-operator';
import type { CustodyStatement } from '../../../domain/statement';
import type { TrailRecord } from '../../../emulators/aws/trail/record';
import { createCall } from '../../../providers/aws-kms/call';
import type { AwsCredentials } from '../../../providers/aws-kms/clients';
import type { CallRecord } from '../../../providers/calls/call';
import { composeProviders } from '../../../providers/compose';
import { roleIdentity } from '../../../providers/credentials/role';
import { identities } from '../../../providers/credentials/source';
import { NO_PLACES, NO_REFERENCES } from '../../harness/no-references';
import { AwsWorld, REGION } from './aws-world';
import { failureOf } from './contract';

const customersRole = ({ input: { credential } }: Connection): string =>
  credential.kind === 'aws-role' ? credential.roleArn : '';

const never = (): AbortSignal => new AbortController().signal;
const FROM_ENVIRONMENT = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'] as const;
const before = FROM_ENVIRONMENT.map((name) => [name, process.env[name]] as const);

/** Statements are the organization; how they are signed is tested where they are. */
const statements = {
  custody: async (organization: string) => ({ custody: 'customer', organization }) as CustodyStatement,
} as StatementVerifier;

/** The operator's account as in production: one machine without rights of its own, and the three roles it may assume. */
async function production() {
  const world = await AwsWorld.start();
  const { id, iam } = world.operator;
  const machine = await world.user('machine', null);
  // The SDK's chain finds the machine's identity here first.
  process.env.AWS_ACCESS_KEY_ID = machine.credentials.accessKeyId;
  process.env.AWS_SECRET_ACCESS_KEY = machine.credentials.secretAccessKey;
  const policies = awsOperatorPolicies('aws', id);
  const role = async (name: string, policy: JsonObject | null) => {
    const AssumeRolePolicyDocument = JSON.stringify(awsOperatorTrust([machine.arn]));
    await iam.call('CreateRole', { RoleName: name, AssumeRolePolicyDocument });
    if (policy !== null) {
      const PolicyDocument = JSON.stringify(policy);
      await iam.call('PutRolePolicy', { RoleName: name, PolicyName: 'own', PolicyDocument });
    }
    return { kind: 'role', arn: `arn:aws:iam::${id}:role/${name}` } as const;
  };
  const roles = {
    principal: await role('smsk-principal', policies.wrapping),
    content: await role('smsk-content', null),
    control: await role('smsk-control', policies.control),
  };
  const records: CallRecord[] = [];
  const observe = (record: CallRecord) => void records.push(record);
  const aws = composeProviders(
    {
      mode: 'development',
      aws: { identity: roles.principal, emulatorUrl: world.emulator.url },
      azure: { apps: [], emulator: null },
      platform: { region: REGION, content: roles.content, control: roles.control },
      references: NO_PLACES,
    },
    {
      env: {},
      path: (file) => file,
      secret: (file) => file,
      processTag: 'test-1',
      observe,
      references: NO_REFERENCES,
    },
  );
  const call = createCall({ provider: 'platform', clock: Date.now, observe });
  const surroundings = { egress: world.egress, region: REGION, clock: Date.now, call };
  const identityOf = identities({ ...surroundings, processTag: 'test-2', path: (file) => file });
  const organization = randomUUID() as OrganizationId;
  return {
    ...{ world, machine, roles, records, aws, surroundings, organization },
    connection: await customer(world, organization, roles.principal.arn),
    keys: aws.platformKeys(),
    control: aws.platformKeyControl(statements, 5_000),
    context: { organization, purpose: 'workspace-key', keyVersion: 1 as KeyVersion } as const,
    /** The session of one of the three, in an attacker's hands: nothing of ours limits what it sends. */
    stolen: async (who: keyof typeof roles | 'machine'): Promise<AwsCredentials> =>
      who === 'machine' ? machine.credentials : identityOf(roles[who])(),
    close: async () => {
      aws.egress.close();
      await world.close();
    },
  };
}

async function customer(
  world: AwsWorld,
  organization: OrganizationId,
  ourPrincipal: string,
): Promise<Connection> {
  const externalId = randomBytes(16).toString('hex');
  const key = await world.key();
  const roleArn = `arn:aws:iam::${world.customer.id}:role/novantra-wrap`;
  await world.carryOut({ organization, externalId, ourPrincipal, roleArn, key });
  const input = connectionInput.parse({
    provider: 'aws-kms',
    region: REGION,
    key,
    credential: { kind: 'aws-role', roleArn },
  });
  const digest = connectionDigest(organization, externalId, input);
  const id = randomUUID() as ConnectionId;
  return { id, organization, externalId, input, digest, pinnedKeyRef: key as KeyRef };
}

const whoCame = ({ userIdentity }: TrailRecord): string | null =>
  'arn' in userIdentity ? userIdentity.arn : null;

describe('three roles of the operator’s account, assumed from the machine’s own identity', () => {
  let p: Awaited<ReturnType<typeof production>>;
  beforeEach(async () => {
    p = await production();
  });
  afterEach(async () => {
    await p.close();
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  });
  const sessionsIn = (eventName: string) =>
    p.world.emulator
      .trail()
      .filter((record) => record.eventName === eventName && record.errorCode === undefined)
      .map(whoCame);
  const session = (name: string) => `arn:aws:sts::${p.world.operator.id}:assumed-role/${name}/smsk-test-1`;

  test('each does its part, and the platform key’s policy names the roles', async () => {
    const keyRef = await p.control.create(p.organization);
    const bytes = randomBytes(32);
    const { wrapped } = await p.keys.wrap(keyRef, bytes, p.context, never());
    const opened = await p.keys.unwrap(keyRef, wrapped, p.context, never());
    expect(Buffer.from(opened.bytes).equals(bytes)).toBe(true);
    await p.aws.provider.wrap(p.connection, bytes, p.context, never());
    await p.control.disable(keyRef, p.organization);
    expect((await failureOf(p.keys.unwrap(keyRef, wrapped, p.context, never()))).code).toBe('KEY_DISABLED');

    const { Policy = '' } = await p.world.operator
      .kms()
      .send(new GetKeyPolicyCommand({ KeyId: keyRef, PolicyName: 'default' }));
    const named = (JSON.parse(Policy) as { Statement: { Sid: string; Principal: { AWS: string } }[] })
      .Statement;
    expect(Object.fromEntries(named.map(({ Sid, Principal }) => [Sid, Principal.AWS]))).toMatchObject({
      CipherWrapsAndUnwraps: p.roles.content.arn,
      ControlEndsTheKey: p.roles.control.arn,
    });
    expect(new Set(sessionsIn('Decrypt'))).toEqual(new Set([session('smsk-content')]));
    expect(new Set(sessionsIn('DisableKey'))).toEqual(new Set([session('smsk-control')]));
    // The customer's log has the principal as who came.
    const came = p.world.emulator
      .trail()
      .filter(({ requestParameters }) => requestParameters?.roleArn === customersRole(p.connection));
    expect(came.map(whoCame)).toEqual([session('smsk-principal')]);
  });

  test('the verifier proves a customer’s set-up that trusts the role', async () => {
    const { findings } = await p.aws.verifier().verify(p.connection, never());
    expect(findings.map(({ result }) => result)).toEqual(findings.map(() => 'ok'));
  });

  test.each([
    ['principal', ['Encrypt', 'Decrypt', 'DisableKey', 'CreateKey', 'control role']],
    ['content', ['DisableKey', 'CreateKey', 'control role', 'customer’s role']],
    ['control', ['Encrypt', 'Decrypt', 'content role', 'customer’s role']],
    ['machine', ['Encrypt', 'Decrypt', 'DisableKey', 'CreateKey', 'customer’s role']],
  ] as const)('inv11 the %s has only its own rights', async (who, denied) => {
    const keyRef = await p.control.create(p.organization);
    const { wrapped } = await p.keys.wrap(keyRef, randomBytes(32), p.context, never());
    // Even where a role's trust policy leaves it to the account who may assume it.
    for (const RoleName of ['smsk-control', 'smsk-content']) {
      const PolicyDocument = JSON.stringify(
        awsOperatorTrust([p.machine.arn, `arn:aws:iam::${p.world.operator.id}:root`]),
      );
      await p.world.operator.iam.call('UpdateAssumeRolePolicy', { RoleName, PolicyDocument });
    }
    const settings = {
      region: REGION,
      endpoint: p.world.emulator.url,
      credentials: await p.stolen(who),
      maxAttempts: 1,
    };
    const kms = new KMSClient(settings);
    const sts = new STSClient(settings);
    const EncryptionContext = {
      'smsk:org': p.organization,
      'smsk:purpose': 'workspace-key',
      'smsk:key-version': '1',
    };
    const assume = (RoleArn: string, ExternalId?: string) =>
      sts.send(
        new AssumeRoleCommand({ RoleArn, RoleSessionName: 'stolen', ...(ExternalId && { ExternalId }) }),
      );
    const attempts: Record<(typeof denied)[number], () => Promise<unknown>> = {
      Encrypt: () =>
        kms.send(new EncryptCommand({ KeyId: keyRef, Plaintext: randomBytes(1), EncryptionContext })),
      Decrypt: () =>
        kms.send(new DecryptCommand({ KeyId: keyRef, CiphertextBlob: wrapped, EncryptionContext })),
      DisableKey: () => kms.send(new DisableKeyCommand({ KeyId: keyRef })),
      CreateKey: () => kms.send(new CreateKeyCommand({})),
      'control role': () => assume(p.roles.control.arn),
      'content role': () => assume(p.roles.content.arn),
      'customer’s role': () => assume(customersRole(p.connection), p.connection.externalId),
    };
    for (const what of denied) {
      await expect(attempts[what]().then(() => what)).rejects.toMatchObject({
        name: expect.stringMatching(/^AccessDenied(Exception)?$/),
      });
    }
    kms.destroy();
    sts.destroy();
  });

  describe('their sessions', () => {
    const assumed = () =>
      p.world.emulator.trail().filter(({ eventName, errorCode }) => eventName === 'AssumeRole' && !errorCode);

    test('are of 15 minutes, one for all who ask, and replaced before they end or when refused', async () => {
      let now = Date.now();
      const identity = roleIdentity({
        ...p.surroundings,
        base: async () => p.machine.credentials,
        roleArn: p.roles.content.arn,
        sessionName: 'smsk-test',
        clock: () => now,
      });
      const [first, ...others] = await Promise.all(Array.from({ length: 20 }, () => identity()));
      expect(new Set(others)).toEqual(new Set([first]));
      expect(first?.expiration?.getTime()).toBe(now + 900_000);
      expect(assumed().map(({ requestParameters }) => requestParameters)).toEqual([
        { roleArn: p.roles.content.arn, roleSessionName: 'smsk-test', durationSeconds: 900 },
      ]);
      now += 12 * 60_000;
      expect(await identity({ refresh: false })).toBe(first);
      now += 2 * 60_000;
      const second = await identity({ refresh: false });
      expect(second.accessKeyId).not.toBe(first?.accessKeyId);
      const third = await identity({ refresh: true });
      expect(third.accessKeyId).not.toBe(second.accessKeyId);
      expect(assumed()).toHaveLength(3);
    });

    test.each([
      ['AccessDenied', 'OUR_IDENTITY'],
      ['ValidationError', 'OUR_IDENTITY'],
      ['RegionDisabledException', 'OUR_IDENTITY'],
      ['NeverSeenException', 'OUR_IDENTITY'],
      ['Throttling', 'PROVIDER_TRANSIENT'],
      ['ServiceUnavailable', 'PROVIDER_TRANSIENT'],
    ] as const)('%s in our own account is %s, never the customer’s affair', async (code, ours) => {
      const match = { action: 'AssumeRole', roleArn: p.roles.principal.arn };
      p.world.emulator.inject({ match, effect: { kind: 'error', code } });
      const failure = await failureOf(p.aws.provider.wrap(p.connection, randomBytes(32), p.context, never()));
      // The request id would be one that the customer's log doesn't have.
      expect(failure).toEqual(new ProviderFailure(ours));
      expect(failure.requestId).toBeNull();
      p.world.emulator.clearFaults();
      await p.aws.provider.wrap(p.connection, randomBytes(32), p.context, never());
    });

    test('a hung AssumeRole holds nobody beyond his deadline', async () => {
      const match = { action: 'AssumeRole', roleArn: p.roles.content.arn };
      const keyRef = await p.control.create(p.organization);
      p.world.emulator.inject({ match, effect: { kind: 'hang' } });
      const deadline = new AbortController();
      const waiting = failureOf(p.keys.wrap(keyRef, randomBytes(32), p.context, deadline.signal));
      deadline.abort();
      expect((await waiting).code).toBe('DEADLINE_EXCEEDED');
    });
  });
});

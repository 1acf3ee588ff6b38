import { randomBytes, randomUUID } from 'node:crypto';
import {
  CreateSecretCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import type { KeyVersion } from '../../../domain/ids';
import type { AwsCredentials } from '../../../providers/aws-kms/clients';
import { type AwsWorld, REGION } from '../provider-contract/aws-world';
import { everythingOf, failureOf } from '../provider-contract/contract';
import { type ReferencedAws, referencedAws } from './aws-customer';
import { Folder } from './book';

const PREFIX = 'smsk/credentials/';
const never = (): AbortSignal => new AbortController().signal;
/** Who reads the operator's secrets: these and no others. */
const readerPolicy = (account: string) => ({
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Action: 'secretsmanager:GetSecretValue',
      Resource: `arn:aws:secretsmanager:${REGION}:${account}:secret:${PREFIX}*`,
    },
  ],
});

describe('a credential in AWS Secrets Manager', () => {
  let now = Date.now();
  let fixture: ReferencedAws;
  let admin: SecretsManagerClient;
  const own = new Folder();

  const places = async (world: AwsWorld) => {
    const reader = await world.user('smsk-references', readerPolicy(world.operator.id));
    own.write('reader.json', JSON.stringify(reader.credentials));
    const identity = { kind: 'file', file: `${own.path}/reader.json`, arn: reader.arn } as const;
    return { secretsManager: { region: REGION, prefix: PREFIX, identity } };
  };
  const start = async (locator = 'aws:acme-wrap'): Promise<void> => {
    fixture = await referencedAws({ locator, clock: () => now, places });
    const { emulator, operator } = fixture.world;
    const { admin: credentials } = emulator.createAccount({ name: 'operator', accountId: operator.id });
    admin = new SecretsManagerClient({ region: REGION, endpoint: emulator.url, credentials, maxAttempts: 1 });
    await admin.send(
      new CreateSecretCommand({
        Name: `${PREFIX}acme-wrap`,
        SecretString: JSON.stringify(fixture.user.credentials),
      }),
    );
  };
  const put = (credentials: object) =>
    admin.send(
      new PutSecretValueCommand({
        SecretId: `${PREFIX}acme-wrap`,
        ClientRequestToken: randomUUID(),
        SecretString: JSON.stringify(credentials),
      }),
    );
  const wrap = () => {
    const { provider, connection } = fixture;
    const context = {
      ...{ organization: connection.organization, purpose: 'workspace-key' as const },
      keyVersion: 1 as KeyVersion,
    };
    return provider.wrap(connection, randomBytes(32), context, never());
  };
  const reads = (): string[] => fixture.reads.map(({ operation, code }) => `${operation} ${code}`);
  const newKey = async (): Promise<AwsCredentials> => {
    const xml = await fixture.world.customer.iam.call('CreateAccessKey', { UserName: 'novantra-wrap' });
    const within = (tag: string) => new RegExp(`<${tag}>([^<]+)<`).exec(xml)?.[1] ?? '';
    return { accessKeyId: within('AccessKeyId'), secretAccessKey: within('SecretAccessKey') };
  };

  beforeEach(() => {
    now = Date.now();
  });
  afterEach(async () => {
    admin.destroy();
    await fixture.close();
  });
  afterAll(() => own.remove());

  test('is read once for a session, with the operator’s identity', async () => {
    await start();
    await Promise.all(Array.from({ length: 9 }, wrap));
    expect(reads()).toEqual(['get-secret-value OK']);
    expect(fixture.reads).toMatchObject([
      { provider: 'secret-store', organization: fixture.connection.organization },
    ]);
    const calls = fixture.world.emulator
      .trail()
      .filter((row) => row.eventSource.startsWith('secretsmanager'));
    const gets = calls.filter((row) => row.eventName === 'GetSecretValue');
    expect(gets).toMatchObject([{ userIdentity: { userName: 'smsk-references' } }]);
    expect((await fixture.verifier.verify(fixture.connect(), never())).findings).toMatchObject(
      Array.from({ length: 5 }, () => ({ result: 'ok' })),
    );
  });

  test('inv11 with the customer’s credential nothing is sent but who it is, Encrypt and Decrypt of the key', async () => {
    await start();
    await fixture.verifier.verify(fixture.connect(), never());
    const { emulator } = fixture.world;
    const sent = emulator
      .trail()
      .filter((row) => 'userName' in row.userIdentity && row.userIdentity.userName === 'novantra-wrap');
    expect(new Set(sent.map((row) => row.eventName))).toEqual(
      new Set(['GetCallerIdentity', 'Encrypt', 'Decrypt']),
    );
    const keys = sent.flatMap(({ resources = [] }) => resources.map(({ ARN }) => ARN));
    expect(new Set(keys)).toEqual(new Set([fixture.keyArn]));
  });

  test('a rotated one counts from the next session on', async () => {
    await start();
    await wrap();
    const next = await newKey();
    await put(next);
    now += 12 * 60_000;
    await wrap();
    expect(reads()).toHaveLength(1);
    now += 2 * 60_000;
    await wrap();
    expect(reads()).toHaveLength(2);
    const last = fixture.world.emulator.trail().at(-1);
    expect(last).toMatchObject({ eventName: 'Encrypt', userIdentity: { accessKeyId: next.accessKeyId } });
  });

  test('where the former one has ended, the refusal fetches the rotated one at once', async () => {
    await start();
    await wrap();
    await put(await newKey());
    await fixture.world.customer.iam.call('DeleteAccessKey', {
      UserName: 'novantra-wrap',
      AccessKeyId: fixture.user.credentials.accessKeyId,
    });
    await wrap();
    expect(reads()).toHaveLength(2);
  });

  test('a denial drops what is held: the next call reads it anew', async () => {
    await start();
    await wrap();
    await fixture.trust(`arn:aws:iam::${fixture.world.customer.id}:user/admin`);
    expect((await failureOf(wrap())).code).toBe('WRAP_DENIED');
    await fixture.trust(fixture.user.arn);
    await wrap();
    expect(reads()).toHaveLength(2);
  });

  test('a version that the locator names stays', async () => {
    await start();
    const { VersionId = '' } = await put(fixture.user.credentials);
    await put({ nothing: 'that is read' });
    fixture.book.register({ ...fixture.stated, locator: `aws:acme-wrap@${VersionId}` });
    await wrap();
    fixture.book.register(fixture.stated);
    expect((await failureOf(wrap())).code).toBe('CREDENTIAL_UNAVAILABLE');
  });

  test('a role’s credentials are of that role, and say so with their token', async () => {
    await start();
    const { world, book, stated } = fixture;
    const trusted = {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { AWS: fixture.user.arn }, Action: 'sts:AssumeRole' }],
    };
    await world.role('lent', trusted);
    await world.role('other', trusted);
    const assume = async (role: string): Promise<AwsCredentials> => {
      const { STSClient, AssumeRoleCommand } = await import('@aws-sdk/client-sts');
      const { url: endpoint } = world.emulator;
      const sts = new STSClient({ region: REGION, endpoint, credentials: fixture.user.credentials });
      const RoleArn = `arn:aws:iam::${world.customer.id}:role/${role}`;
      const { Credentials } = await sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'lent' }));
      sts.destroy();
      const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = Credentials ?? {};
      return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
    };
    const identity = `arn:aws:iam::${world.customer.id}:role/lent`;
    await fixture.trust(identity, `arn:aws:iam::${world.customer.id}:role/other`);
    book.register({ ...stated, identity });
    await put(await assume('lent'));
    await wrap();
    await put(await assume('other'));
    book.register({ ...stated, identity });
    expect((await failureOf(wrap())).code).toBe('CREDENTIAL_INVALID');
    await put(fixture.user.credentials);
    expect((await failureOf(wrap())).code).toBe('CREDENTIAL_UNAVAILABLE');
  });

  test.each([
    ['AccessDeniedException', 400, 'CREDENTIAL_UNAVAILABLE', 'OUR_IDENTITY', 2],
    ['ResourceNotFoundException', 400, 'CREDENTIAL_UNAVAILABLE', 'CREDENTIAL_UNAVAILABLE', 1],
    ['InvalidRequestException', 400, 'CREDENTIAL_UNAVAILABLE', 'CREDENTIAL_UNAVAILABLE', 1],
    ['DecryptionFailure', 400, 'CREDENTIAL_UNAVAILABLE', 'CREDENTIAL_UNAVAILABLE', 1],
    ['UnrecognizedClientException', 400, 'CREDENTIAL_UNAVAILABLE', 'OUR_IDENTITY', 2],
    ['ThrottlingException', 400, 'PROVIDER_TRANSIENT', 'THROTTLED', 1],
    ['InternalServiceError', 500, 'PROVIDER_TRANSIENT', 'PROVIDER_TRANSIENT', 1],
    ['NeverSeenBeforeException', 400, 'CREDENTIAL_UNAVAILABLE', 'UNCLASSIFIED', 1],
  ] as const)(
    'inv08 %s (%i) is %s to the customer, and nothing raw',
    async (code, status, told, known, times) => {
      await start();
      const marker = `leak-${randomBytes(8).toString('hex')}`;
      fixture.world.emulator.inject({
        match: { service: 'secretsmanager' },
        effect: { kind: 'error', code, status, message: `${marker} is disabled`, requestId: `{${marker}}` },
      });
      const failure = await failureOf(wrap());
      expect(failure).toMatchObject({ code: told, requestId: null });
      expect(reads()).toEqual(Array.from({ length: times }, () => `get-secret-value ${known}`));
      expect(everythingOf([failure, fixture.reads, fixture.records])).not.toContain(marker);
      fixture.world.emulator.clearFaults();
      await wrap();
    },
  );

  test.each([
    [
      'an answer that isn’t JSON',
      { kind: 'malformed', status: 200, body: '<html>' },
      'CREDENTIAL_UNAVAILABLE',
    ],
    ['another secret’s', { kind: 'malformed', status: 200, body: '{"Name":"x"}' }, 'CREDENTIAL_UNAVAILABLE'],
    ['a cut connection', { kind: 'reset' }, 'NETWORK'],
  ] as const)('%s is %s', async (_, effect, code) => {
    await start();
    fixture.world.emulator.inject({ match: { service: 'secretsmanager' }, effect });
    expect((await failureOf(wrap())).code).toBe(code);
  });

  test('inv08 a credential that AWS refuses, and one that it takes, are in nothing that is kept or told', async () => {
    await start();
    const { user, reads: ours, records, world } = fixture;
    const refused = { ...user.credentials, secretAccessKey: 'LeAkMaRkEr/'.repeat(4).slice(0, 40) };
    await wrap();
    await put(refused);
    fixture.book.register(fixture.stated);
    const failure = await failureOf(wrap());
    expect(failure.code).toBe('CREDENTIAL_INVALID');
    const everything = everythingOf([failure, ours, records, world.emulator.trail()]);
    for (const secret of [refused.secretAccessKey, user.credentials.secretAccessKey])
      expect(everything).not.toContain(secret);
  });

  test('an expired session of the operator’s is renewed, and costs the customer nothing', async () => {
    await start();
    fixture.world.emulator.inject({
      match: { service: 'secretsmanager' },
      effect: { kind: 'error', code: 'ExpiredTokenException' },
      count: 1,
    });
    await wrap();
    expect(reads()).toEqual(['get-secret-value SESSION_EXPIRED', 'get-secret-value OK']);
  });
});

import {
  CreateSecretCommand,
  DeleteSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  RestoreSecretCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { type Cloud, type Credentials, type Person, refusal, region, startCloud } from './cloud';

const DAY_MS = 86_400_000;

describe('Secrets Manager, by its official client', () => {
  let now = Date.now();
  let cloud: Cloud;
  let admin: Person;
  let reader: Person;
  const clients: SecretsManagerClient[] = [];
  const secrets = (credentials: Credentials): SecretsManagerClient => {
    const { url: endpoint } = cloud.emulator;
    const systemClockOffset = now - Date.now();
    const client = new SecretsManagerClient({
      ...{ region, endpoint, credentials, maxAttempts: 1, systemClockOffset },
    });
    clients.push(client);
    return client;
  };
  const create = (Name: string, SecretString: string) =>
    secrets(admin.credentials).send(new CreateSecretCommand({ Name, SecretString }));
  const get = (SecretId: string, VersionId?: string, who = reader) =>
    secrets(who.credentials).send(
      new GetSecretValueCommand({ SecretId, ...(VersionId === undefined ? {} : { VersionId }) }),
    );

  beforeAll(async () => {
    cloud = await startCloud({ clock: () => now });
    admin = cloud.admin('operator');
    reader = await cloud.user(admin, 'reader', {
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Action: 'secretsmanager:GetSecretValue',
          Resource: `arn:aws:secretsmanager:*:${admin.account}:secret:smsk/*`,
        },
      ],
    });
  });
  afterEach(() => cloud.emulator.clearFaults());
  afterAll(async () => {
    for (const client of clients) client.destroy();
    await cloud.close();
  });

  test('what was put is got, by name and by ARN, text and bytes', async () => {
    const { ARN = '', VersionId } = await create('smsk/one', 'first');
    expect(ARN).toMatch(
      new RegExp(`^arn:aws:secretsmanager:${region}:${admin.account}:secret:smsk/one-.{6}$`),
    );
    const answer = { Name: 'smsk/one', ARN, VersionId, SecretString: 'first', VersionStages: ['AWSCURRENT'] };
    expect(await get('smsk/one')).toMatchObject(answer);
    expect(await get(ARN)).toMatchObject(answer);
    const SecretBinary = Buffer.from([0, 1, 2]);
    await secrets(admin.credentials).send(new CreateSecretCommand({ Name: 'smsk/bytes', SecretBinary }));
    expect(Buffer.from((await get('smsk/bytes')).SecretBinary ?? '')).toEqual(SecretBinary);
  });

  test('a rotated one is current at once, and the former is found by its id', async () => {
    const { VersionId: first } = await create('smsk/rotated', 'first');
    await secrets(admin.credentials).send(
      new PutSecretValueCommand({ SecretId: 'smsk/rotated', SecretString: 'second' }),
    );
    expect((await get('smsk/rotated')).SecretString).toBe('second');
    expect(await get('smsk/rotated', first)).toMatchObject({
      SecretString: 'first',
      VersionStages: ['AWSPREVIOUS'],
    });
  });

  test('refuses as Secrets Manager does', async () => {
    await create('smsk/refused', 'x');
    await create('own/database', 'x');
    const told = async (work: Promise<unknown>) => (await refusal(work)).name;
    expect(await told(get('smsk/nothing'))).toBe('ResourceNotFoundException');
    expect(await told(get('smsk/refused', '6f1e0a4e-0000-4000-8000-000000000001'))).toBe(
      'ResourceNotFoundException',
    );
    expect(await told(get('own/database'))).toBe('AccessDeniedException');
    expect(await told(get('own/nothing'))).toBe('AccessDeniedException');
    expect(await told(create('smsk/refused', 'y'))).toBe('ResourceExistsException');
    const stranger = cloud.admin('stranger');
    const { ARN = '' } = await get('smsk/refused');
    expect(await told(get(ARN, undefined, stranger))).toBe('AccessDeniedException');
    expect(await told(get('smsk/refused', undefined, stranger))).toBe('ResourceNotFoundException');
    const forged = { ...reader.credentials, secretAccessKey: 'x'.repeat(40) };
    expect(await told(secrets(forged).send(new GetSecretValueCommand({ SecretId: ARN })))).toBe(
      'InvalidSignatureException',
    );
  });

  test('a deleted one can be restored until its window ends', async () => {
    const { ARN: SecretId = '' } = await create('smsk/deleted', 'x');
    const client = secrets(admin.credentials);
    const remove = () => client.send(new DeleteSecretCommand({ SecretId, RecoveryWindowInDays: 7 }));
    await remove();
    expect((await refusal(get(SecretId))).name).toBe('InvalidRequestException');
    await client.send(new RestoreSecretCommand({ SecretId }));
    expect((await get(SecretId)).SecretString).toBe('x');
    await remove();
    now += 7 * DAY_MS;
    expect((await refusal(get('smsk/deleted'))).name).toBe('ResourceNotFoundException');
  });

  test.each(['DecryptionFailure', 'ThrottlingException', 'InternalServiceError'])(
    '%s is injected, for this service alone',
    async (code) => {
      await create(`smsk/${code}`, 'x');
      cloud.emulator.inject({ match: { service: 'secretsmanager' }, effect: { kind: 'error', code } });
      expect((await refusal(get(`smsk/${code}`))).name).toBe(code);
    },
  );

  test('the trail says who read what, and nothing of it', async () => {
    await create('smsk/trail', 'MARKER-trail');
    const since = cloud.emulator.lastSequence();
    await get('smsk/trail');
    const rows = cloud.emulator.trail(since);
    expect(rows).toMatchObject([
      {
        eventSource: 'secretsmanager.amazonaws.com',
        eventName: 'GetSecretValue',
        requestParameters: { secretId: 'smsk/trail' },
        responseElements: null,
        readOnly: true,
        userIdentity: { userName: 'reader' },
      },
    ]);
    expect(JSON.stringify(cloud.emulator.trail())).not.toContain('MARKER-trail');
  });
});

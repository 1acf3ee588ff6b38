import { randomBytes } from 'node:crypto';
import { DescribeKeyCommand, EncryptCommand, ReEncryptCommand } from '@aws-sdk/client-kms';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import type { KeyVersion } from '../../../domain/ids';
import type { TrailRecord } from '../../../emulators/aws/trail/record';
import { createCall } from '../../../providers/aws-kms/call';
import { kmsClient, stsClient } from '../../../providers/aws-kms/clients';
import { createAwsKmsProvider } from '../../../providers/aws-kms/provider';
import { CUSTOMER_COMMANDS } from '../../../providers/aws-kms/session-policy';
import { type Session, Sessions } from '../../../providers/aws-kms/sessions';
import { type AwsFixture, awsFixture, REGION } from './aws-world';
import { failureOf } from './contract';

const never = (): AbortSignal => new AbortController().signal;

describe('sessions with the customer’s role', () => {
  let now = Date.now();
  let fixture: AwsFixture;
  beforeEach(async () => {
    now = Date.now();
    fixture = await awsFixture({ clock: () => now });
  });
  afterEach(() => fixture.close());

  const context = () => ({
    organization: fixture.connection.organization,
    purpose: 'workspace-key' as const,
    keyVersion: 7 as KeyVersion,
  });
  const wrap = (signal = never()) =>
    fixture.provider.wrap(fixture.connection, randomBytes(32), context(), signal);
  const seen = (eventName: string): readonly TrailRecord[] =>
    fixture.world.emulator.trail().filter((record) => record.eventName === eventName);

  test('one AssumeRole serves all who ask at once and all who ask within its time', async () => {
    await Promise.all(Array.from({ length: 20 }, () => wrap()));
    now += 12 * 60_000;
    await wrap();
    expect(seen('AssumeRole')).toHaveLength(1);
    now += 2 * 60_000;
    await wrap();
    expect(seen('AssumeRole')).toHaveLength(2);
  });

  test('what is asked for: 15 minutes, our external ID, a session name that tells who, one key, two actions', async () => {
    await wrap();
    const [record] = seen('AssumeRole');
    const { policy, ...asked } = record?.requestParameters ?? {};
    expect(asked).toEqual({
      roleArn: fixture.setUp.roleArn,
      roleSessionName: `${fixture.connection.organization}@test-1`,
      durationSeconds: 900,
      externalId: fixture.setUp.externalId,
    });
    expect(JSON.parse(String(policy))).toEqual({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: ['kms:Encrypt', 'kms:Decrypt'], Resource: fixture.keyArn }],
    });
    const [encrypted] = seen('Encrypt');
    expect(encrypted?.requestParameters).toMatchObject({
      keyId: fixture.keyArn,
      encryptionContext: {
        'smsk:org': fixture.connection.organization,
        'smsk:purpose': 'workspace-key',
        'smsk:key-version': '7',
      },
    });
  });

  test('a denial ends the session: the next call assumes the role anew', async () => {
    await wrap();
    const id = fixture.world.emulator.inject({
      match: { action: 'Encrypt' },
      effect: { kind: 'error', code: 'AccessDeniedException' },
    });
    expect((await failureOf(wrap())).code).toBe('WRAP_DENIED');
    expect(fixture.world.emulator.hitsOf(id)).toBe(1);
    fixture.world.emulator.clearFaults();
    await wrap();
    expect(seen('AssumeRole')).toHaveLength(2);
  });

  test.each(['ExpiredTokenException', 'InvalidSignatureException', 'UnrecognizedClientException'])(
    '%s once: renewed with a fresh identity and tried once more',
    async (code) => {
      await wrap();
      fixture.world.emulator.inject({
        match: { action: 'Encrypt' },
        effect: { kind: 'error', code },
        count: 1,
      });
      await wrap();
      expect(seen('AssumeRole')).toHaveLength(2);
      expect(fixture.asked).toEqual([{ refresh: false }, { refresh: true }]);
    },
  );

  test('an unwrap that is repeated tells the first call’s request id, as the customer’s log has it', async () => {
    const { wrapped, keyRef } = await wrap();
    fixture.world.emulator.inject({
      match: { action: 'Decrypt' },
      effect: { kind: 'error', code: 'ExpiredTokenException' },
      count: 1,
    });
    const repeated: string[] = [];
    const unwrap = () =>
      fixture.provider.unwrap(fixture.connection, wrapped, keyRef, context(), never(), (id) =>
        repeated.push(id),
      );
    const { requestId } = await unwrap();
    expect([...repeated, requestId]).toEqual(seen('Decrypt').map(({ requestID }) => requestID));
    expect(repeated).toHaveLength(1);
    await unwrap();
    expect(repeated).toHaveLength(1);
  });

  test('a code that lasts is tried exactly twice', async () => {
    await wrap();
    const id = fixture.world.emulator.inject({
      match: { action: 'Encrypt' },
      effect: { kind: 'error', code: 'ExpiredTokenException' },
    });
    expect((await failureOf(wrap())).code).toBe('SESSION_EXPIRED');
    expect(fixture.world.emulator.hitsOf(id)).toBe(2);
  });

  test.each(['ThrottlingException', 'KMSInternalException', 'DisabledException'])(
    '%s is never repeated here',
    async (code) => {
      const id = fixture.world.emulator.inject({
        match: { action: 'Encrypt' },
        effect: { kind: 'error', code },
      });
      await failureOf(wrap());
      expect(fixture.world.emulator.hitsOf(id)).toBe(1);
    },
  );

  test('who waits for a session leaves at his own deadline, and the last one takes it along', async () => {
    fixture.world.emulator.inject({ match: { action: 'AssumeRole' }, effect: { kind: 'hang' } });
    const [first, second] = [new AbortController(), new AbortController()];
    const waiting = [failureOf(wrap(first.signal)), failureOf(wrap(second.signal))];
    first.abort();
    expect((await waiting[0])?.code).toBe('DEADLINE_EXCEEDED');
    second.abort();
    expect((await waiting[1])?.code).toBe('DEADLINE_EXCEEDED');
    fixture.world.emulator.clearFaults();
    await wrap();
  });

  test('one who stays gets the session that another’s deadline didn’t wait for', async () => {
    const { emulator } = fixture.world;
    emulator.inject({ match: { action: 'AssumeRole' }, effect: { kind: 'hold' } });
    const leaving = new AbortController();
    const staying = wrap();
    const left = failureOf(wrap(leaving.signal));
    leaving.abort();
    await left;
    emulator.clearFaults();
    await staying;
    expect(seen('AssumeRole')).toHaveLength(1);
  });

  test('our own identity failing is OUR_IDENTITY, asked for once more', async () => {
    let asked = 0;
    const provider = createAwsKmsProvider({
      ...fixture.options,
      identity: () => {
        asked += 1;
        return Promise.reject(new Error('ENOENT /run/secrets/leak'));
      },
    });
    const failure = await failureOf(provider.wrap(fixture.connection, randomBytes(32), context(), never()));
    expect(failure.code).toBe('OUR_IDENTITY');
    expect(asked).toBe(2);
  });

  test('exactly one record per call, on every path', async () => {
    await wrap();
    fixture.world.emulator.inject({
      match: { action: 'Encrypt' },
      effect: { kind: 'error', code: 'ExpiredTokenException' },
      count: 1,
    });
    await wrap();
    expect(fixture.records.map(({ operation, code }) => `${operation} ${code}`)).toEqual([
      'assume-role OK',
      'wrap OK',
      'wrap SESSION_EXPIRED',
      'assume-role OK',
      'wrap OK',
    ]);
    for (const { requestId, organization, provider } of fixture.records) {
      expect(requestId).not.toBeNull();
      expect({ organization, provider }).toEqual({
        organization: fixture.connection.organization,
        provider: 'aws-kms',
      });
    }
  });

  test('a session name has room for 27 characters of process', () => {
    for (const processTag of ['', 'a b', 'a'.repeat(28), 'a@b', 'ä']) {
      expect(() => createAwsKmsProvider({ ...fixture.options, processTag })).toThrow('process tag');
    }
    createAwsKmsProvider({ ...fixture.options, processTag: 'a'.repeat(27) });
  });
});

describe('time that really passes', () => {
  test('a session that AWS ended, and a clock that is wrong by it, cost one retry', async () => {
    let ahead = 0;
    const fixture = await awsFixture({ emulatorClock: () => Date.now() + ahead });
    const context = {
      organization: fixture.connection.organization,
      purpose: 'workspace-key',
      keyVersion: 1 as KeyVersion,
    } as const;
    const wrap = () => fixture.provider.wrap(fixture.connection, randomBytes(32), context, never());
    await wrap();
    ahead = 20 * 60_000;
    await wrap();
    // The first answer told us the time, so only then could the retry be signed rightly.
    expect(fixture.records.map((r) => r.code)).toEqual(['OK', 'OK', 'OUR_CLOCK_OR_CREDS', 'OK', 'OK']);
    ahead = 40 * 60_000;
    fixture.world.egress.clockOffset.ms = ahead;
    await wrap();
    expect(fixture.records.slice(5).map((r) => r.code)).toEqual(['SESSION_EXPIRED', 'OK', 'OK']);
    await fixture.close();
  });
});

describe('inv11 least privilege', () => {
  let fixture: AwsFixture;
  beforeAll(async () => {
    fixture = await awsFixture();
  });
  afterAll(() => fixture.close());

  test('a customer session sends Encrypt and Decrypt; anything else never leaves', async () => {
    const { egress, emulator } = fixture.world;
    const kms = kmsClient(egress, REGION, fixture.us.credentials, CUSTOMER_COMMANDS);
    const before = emulator.lastSequence();
    for (const command of [
      new DescribeKeyCommand({ KeyId: fixture.keyArn }),
      new ReEncryptCommand({ CiphertextBlob: randomBytes(9), DestinationKeyId: fixture.keyArn }),
    ]) {
      await expect(kms.send(command as DescribeKeyCommand)).rejects.toThrow('may not send');
    }
    expect(emulator.lastSequence()).toBe(before);
    await expect(
      kms.send(new EncryptCommand({ KeyId: fixture.keyArn, Plaintext: randomBytes(1) })),
    ).rejects.toMatchObject({ name: 'AccessDeniedException' });
    expect(emulator.lastSequence()).toBeGreaterThan(before);
  });

  test('our identity sends AssumeRole only', async () => {
    const sts = stsClient(fixture.world.egress, REGION, fixture.us.credentials);
    await expect(sts.send(new GetCallerIdentityCommand({}))).rejects.toThrow('may not send');
  });

  test('a session can’t reach another key, though the role’s own policies let it', async () => {
    const { world, connection, options } = fixture;
    const everything = {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
    };
    await world.customer.iam.call('PutRolePolicy', {
      RoleName: 'novantra-wrap',
      PolicyName: 'too-much',
      PolicyDocument: JSON.stringify(everything),
    });
    const other = await world.key();
    const call = createCall({ provider: 'aws-kms', clock: Date.now, observe: () => {} });
    const sessionFor = (arn: string) =>
      new Sessions(options, call).get(connection, { kind: 'key', arn }, never(), false);
    const reach = async (arn: string, session: Promise<Session>) =>
      (await session).kms.send(new EncryptCommand({ KeyId: arn, Plaintext: randomBytes(1) }));
    await reach(other, sessionFor(other));
    await expect(reach(other, sessionFor(fixture.keyArn))).rejects.toThrow('no session policy allows');
  });
});

import { randomBytes } from 'node:crypto';
import { UpdateAliasCommand } from '@aws-sdk/client-kms';
import { canaryContext } from '../../../domain/canary';
import { checksOf } from '../../../domain/finding';
import type { KeyRef } from '../../../domain/ids';
import { awsKeyPolicy, awsTrustPolicy } from '../../../domain/set-up/aws';
import { createAwsKmsVerifier } from '../../../providers/aws-kms/verifier';
import { type AwsFixture, awsFixture } from './aws-world';
import { everythingOf, failureOf } from './contract';

const never = (): AbortSignal => new AbortController().signal;
const NO_ID = 'assume-role-without-external-id-is-refused';
const WRONG_ID = 'assume-role-with-wrong-external-id-is-refused';

function withFixture(byAlias: boolean): () => AwsFixture {
  let fixture: AwsFixture;
  beforeEach(async () => {
    fixture = await awsFixture({ byAlias });
  });
  afterEach(() => fixture.close());
  return () => fixture;
}
const failed = async ({ verifier, connection }: AwsFixture) => {
  const { findings } = await verifier.verify(connection, never());
  expect(findings.map((finding) => finding.check)).toEqual(checksOf(connection.input));
  return findings.flatMap((f) =>
    f.result === 'ok' ? [] : [`${f.check}: ${f.result === 'failed' ? f.code : '-'}`],
  );
};

describe('the proof of the trust policy', () => {
  const fixture = withFixture(false);
  const trust = async (condition: object | undefined) => {
    const { world, setUp } = fixture();
    const [statement] = awsTrustPolicy(setUp)['Statement'] as Record<string, unknown>[];
    const { Condition: _, ...open } = statement ?? {};
    const PolicyDocument = JSON.stringify({
      Version: '2012-10-17',
      Statement: [condition === undefined ? open : { ...open, Condition: condition }],
    });
    await world.customer.iam.call('UpdateAssumeRolePolicy', { RoleName: 'novantra-wrap', PolicyDocument });
  };

  test('a role that trusts us without a condition is open, both ways', async () => {
    await trust(undefined);
    expect(await failed(fixture())).toEqual([
      `${NO_ID}: TRUST_POLICY_OPEN`,
      `${WRONG_ID}: TRUST_POLICY_OPEN`,
    ]);
  });

  test('a role that trusts anybody is open', async () => {
    const { world, setUp } = fixture();
    const anybody = awsTrustPolicy({ ...setUp, ourPrincipal: '*' });
    const [statement] = anybody['Statement'] as Record<string, unknown>[];
    const { Condition: _, ...open } = statement ?? {};
    await world.customer.iam.call('UpdateAssumeRolePolicy', {
      RoleName: 'novantra-wrap',
      PolicyDocument: JSON.stringify({ ...anybody, Statement: [open] }),
    });
    expect(await failed(fixture())).toContain(`${NO_ID}: TRUST_POLICY_OPEN`);
  });

  test('one that asks for some external ID, but any, is open to a wrong one', async () => {
    await trust({ StringLike: { 'sts:ExternalId': '*' } });
    expect(await failed(fixture())).toEqual([`${WRONG_ID}: TRUST_POLICY_OPEN`]);
  });

  test('one that accepts none is open without one', async () => {
    await trust({ StringEqualsIfExists: { 'sts:ExternalId': fixture().setUp.externalId } });
    expect(await failed(fixture())).toEqual([`${NO_ID}: TRUST_POLICY_OPEN`]);
  });

  test.each([
    ['ThrottlingException', 'THROTTLED'],
    ['ServiceUnavailable', 'PROVIDER_TRANSIENT'],
    ['ExpiredToken', 'SESSION_EXPIRED'],
  ])('transient trouble (%s) there is no pass: it is thrown', async (code, thrown) => {
    const { world, connection, options } = fixture();
    // The first AssumeRole is let through; from its record on the others meet the fault.
    let calls = 0;
    const observe = (): void => {
      calls += 1;
      if (calls > 1) return;
      world.emulator.inject({ match: { action: 'AssumeRole' }, effect: { kind: 'error', code } });
    };
    const verifying = createAwsKmsVerifier({ ...options, observe });
    expect((await failureOf(verifying.verify(connection, never()))).code).toBe(thrown);
    world.emulator.clearFaults();
  });

  test('our own attempts are told apart from real ones in what is observed', async () => {
    const { verifier, connection, records } = fixture();
    await verifier.verify(connection, never());
    expect(records.map(({ operation, code }) => `${operation} ${code}`)).toEqual([
      'assume-role OK',
      'trust-probe ROLE_ASSUME_DENIED',
      'trust-probe ROLE_ASSUME_DENIED',
      'wrap OK',
      'unwrap OK',
      'wrap OK',
      'unwrap OK',
    ]);
  });

  test('each verification asks for fresh credentials, and none are kept', async () => {
    const { verifier, connection, asked, world } = fixture();
    await verifier.verify(connection, never());
    await verifier.verify(connection, never());
    expect(asked.filter(({ refresh }) => refresh)).toHaveLength(2);
    const assumed = world.emulator.trail().filter((r) => r.eventName === 'AssumeRole');
    expect(assumed).toHaveLength(6);
  });

  const answerDecrypt = (answer: object) =>
    fixture().world.emulator.inject({
      match: { action: 'Decrypt' },
      effect: { kind: 'malformed', body: JSON.stringify(answer) },
    });

  test('an unwrap that returns other bytes is a finding', async () => {
    answerDecrypt({ KeyId: fixture().keyArn, Plaintext: randomBytes(32).toString('base64') });
    expect(await failed(fixture())).toEqual(['unwrap: CHECK_VALUE_MISMATCH', 'canary: -']);
  });

  test('an unwrap that another key answers is a finding', async () => {
    const KeyId = fixture().keyArn.replace(/.{12}$/, '000000000000');
    answerDecrypt({ KeyId, Plaintext: randomBytes(32).toString('base64') });
    expect(await failed(fixture())).toEqual(['unwrap: KEY_MISMATCH', 'canary: -']);
  });

  test('findings hold neither external ID nor credentials', async () => {
    const { verifier, connection, setUp, us } = fixture();
    const text = everythingOf((await verifier.verify(connection, never())).findings);
    for (const secret of [setUp.externalId, us.credentials.secretAccessKey])
      expect(text).not.toContain(secret);
  });
});

describe('an alias', () => {
  const fixture = withFixture(true);

  test('is resolved in a session that can do nothing else, then everything happens under the key’s own ARN', async () => {
    const { verifier, connection, keyArn, world, setUp } = fixture();
    const report = await verifier.verify({ ...connection, pinnedKeyRef: null }, never());
    expect(report.findings.every((finding) => finding.result === 'ok')).toBe(true);
    expect(report.keyRef).toBe(keyArn);
    const trail = world.emulator.trail();
    const policies = trail
      .filter((r) => r.eventName === 'AssumeRole' && r.errorCode === undefined)
      .map((r) => JSON.parse(String(r.requestParameters?.['policy'])).Statement[0]);
    expect(policies).toEqual([
      {
        Effect: 'Allow',
        Action: 'kms:Encrypt',
        Resource: `${setUp.key.replace(/alias\/.*/, '')}key/*`,
        Condition: { StringEquals: { 'kms:RequestAlias': 'alias/workspace' } },
      },
      { Effect: 'Allow', Action: ['kms:Encrypt', 'kms:Decrypt'], Resource: keyArn },
    ]);
    const named = trail.filter((r) => ['Encrypt', 'Decrypt'].includes(r.eventName));
    expect(named.map((r) => r.requestParameters?.['keyId'])).toEqual([setUp.key, keyArn, keyArn, keyArn]);
  });

  const move = async (): Promise<string> => {
    const { world, setUp } = fixture();
    const other = await world.key({ Policy: JSON.stringify(awsKeyPolicy(setUp)) });
    await world.customer
      .kms()
      .send(new UpdateAliasCommand({ AliasName: 'alias/workspace', TargetKeyId: other }));
    return other;
  };

  test('that has moved is KEY_MOVED for the verification of a pinned connection', async () => {
    await move();
    expect(await failed(fixture())).toEqual(['key-identity: KEY_MOVED', 'unwrap: -', 'canary: -']);
  });

  test('that has moved is the new key for a connection that isn’t pinned', async () => {
    const other = await move();
    const { verifier, connection } = fixture();
    const report = await verifier.verify({ ...connection, pinnedKeyRef: null }, never());
    expect(report.keyRef).toBe(other);
  });

  test('that has moved: the canary probe says so, content goes on with the pinned key', async () => {
    const { provider, connection, keyArn } = fixture();
    const { organization } = connection;
    const canary = canaryContext(organization);
    const content = { ...canary, purpose: 'workspace-key' } as const;
    const before = await provider.wrap(connection, randomBytes(32), content, never());
    await provider.wrap(connection, randomBytes(32), canary, never());
    await move();
    const failure = await failureOf(provider.wrap(connection, randomBytes(32), canary, never()));
    expect(failure.code).toBe('KEY_MOVED');
    const after = await provider.wrap(connection, randomBytes(32), content, never());
    expect([before.keyRef, after.keyRef]).toEqual([keyArn, keyArn]);
    await provider.unwrap(connection, before.wrapped, keyArn as KeyRef, content, never());
  });
});

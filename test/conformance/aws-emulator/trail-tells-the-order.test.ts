import {
  CreateKeyCommand,
  DecryptCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  EncryptCommand,
} from '@aws-sdk/client-kms';
import type { TrailRecord } from '../../../emulators/aws/trail/record';
import { allow, type Cloud, type Person, refusal, startCloud, trust } from './cloud';

describe('the trail', () => {
  let cloud: Cloud;
  let customer: Person;
  let session: Person;
  let keyArn: string;
  let roleArn: string;
  const EncryptionContext = { 'smsk:org': 'acme' };

  beforeAll(async () => {
    cloud = await startCloud();
    customer = cloud.admin('customer');
    roleArn = await cloud.role(
      customer,
      'smsk',
      trust(customer.account, 'our-id'),
      allow(['kms:Encrypt', 'kms:Decrypt']),
    );
    keyArn = (await customer.kms.send(new CreateKeyCommand({}))).KeyMetadata?.Arn ?? '';
    session = await cloud.assume(customer, {
      RoleArn: roleArn,
      RoleSessionName: 'acme-w1',
      ExternalId: 'our-id',
    });
  });
  afterAll(() => cloud.close());

  const seal = (): Promise<{ CiphertextBlob?: Uint8Array | undefined }> =>
    session.kms.send(
      new EncryptCommand({ KeyId: keyArn, Plaintext: Buffer.from('secret-plaintext'), EncryptionContext }),
    );

  it('looks like CloudTrail, and tells who, what, and with which context', async () => {
    const from = cloud.emulator.lastSequence();
    await seal();
    const [record] = cloud.emulator.trail(from);
    expect(record).toMatchObject({
      sequence: from + 1,
      eventVersion: '1.11',
      eventSource: 'kms.amazonaws.com',
      eventName: 'Encrypt',
      awsRegion: 'eu-central-1',
      userIdentity: {
        type: 'AssumedRole',
        principalId: expect.stringMatching(/^AROA[A-Z2-7]{17}:acme-w1$/),
        arn: `arn:aws:sts::${customer.account}:assumed-role/smsk/acme-w1`,
        accountId: customer.account,
        accessKeyId: session.credentials.accessKeyId,
        sessionContext: { sessionIssuer: { type: 'Role', arn: roleArn, userName: 'smsk' } },
      },
      requestParameters: {
        keyId: keyArn,
        encryptionAlgorithm: 'SYMMETRIC_DEFAULT',
        encryptionContext: EncryptionContext,
      },
      responseElements: null,
      resources: [{ accountId: customer.account, type: 'AWS::KMS::Key', ARN: keyArn }],
      readOnly: true,
      recipientAccountId: customer.account,
    });
  });

  it('holds neither plaintext nor credentials', async () => {
    await seal();
    const all = JSON.stringify(cloud.emulator.trail());
    expect(all).not.toContain(Buffer.from('secret-plaintext').toString('base64'));
    for (const secret of [
      session.credentials.secretAccessKey,
      session.credentials.sessionToken ?? '',
      customer.credentials.secretAccessKey,
    ]) {
      expect(all).not.toContain(secret);
    }
  });

  it('records refusals with their code', async () => {
    const from = cloud.emulator.lastSequence();
    await refusal(session.kms.send(new DisableKeyCommand({ KeyId: keyArn })));
    await refusal(cloud.assume(customer, { RoleArn: roleArn, RoleSessionName: 'probe' }));
    expect(cloud.emulator.trail(from).map((r) => [r.eventName, r.errorCode])).toEqual([
      ['DisableKey', 'AccessDenied'],
      ['AssumeRole', 'AccessDenied'],
    ]);
  });

  it('orders uses and off-switches: nothing succeeds between a disable and the next enable', async () => {
    const { CiphertextBlob } = await seal();
    const from = cloud.emulator.lastSequence();
    let running = true;
    const use = async (): Promise<void> => {
      while (running) {
        await session.kms
          .send(new DecryptCommand({ KeyId: keyArn, CiphertextBlob, EncryptionContext }))
          .catch(() => undefined);
      }
    };
    const users = Array.from({ length: 16 }, use);
    for (let i = 0; i < 25; i += 1) {
      await customer.kms.send(new DisableKeyCommand({ KeyId: keyArn }));
      const after = cloud.emulator.lastSequence();
      await refusal(
        session.kms.send(new DecryptCommand({ KeyId: keyArn, CiphertextBlob, EncryptionContext })),
      );
      expect(okDecrypts(cloud.emulator.trail(after))).toEqual([]);
      await customer.kms.send(new EnableKeyCommand({ KeyId: keyArn }));
    }
    running = false;
    await Promise.all(users);
    const records = cloud.emulator.trail(from);
    expect(records.map((r) => r.sequence)).toEqual(records.map((_r, i) => from + 1 + i));
    let enabled = true;
    for (const record of records) {
      if (record.eventName === 'DisableKey') enabled = false;
      if (record.eventName === 'EnableKey') enabled = true;
      if (record.eventName === 'Decrypt') expect(record.errorCode === undefined).toBe(enabled);
    }
    expect(okDecrypts(records).length).toBeGreaterThan(0);
  });
});

function okDecrypts(records: readonly TrailRecord[]): readonly TrailRecord[] {
  return records.filter((r) => r.eventName === 'Decrypt' && r.errorCode === undefined);
}

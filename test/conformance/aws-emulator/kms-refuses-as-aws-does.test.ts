import {
  CreateAliasCommand,
  CreateKeyCommand,
  type CreateKeyCommandInput,
  DecryptCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  KMSServiceException,
  PutKeyPolicyCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import { type Cloud, ownerStatement, type Person, refusal, startCloud } from './cloud';

/** Codes, wording and status of each refusal, as the official SDK sees it. */
describe('KMS refuses as AWS does', () => {
  let cloud: Cloud;
  let admin: Person;
  let keyArn: string;

  beforeAll(async () => {
    cloud = await startCloud();
    admin = cloud.admin('customer');
    keyArn = await makeKey({});
  });
  afterAll(() => cloud.close());

  const makeKey = async (input: CreateKeyCommandInput): Promise<string> =>
    (await admin.kms.send(new CreateKeyCommand(input))).KeyMetadata?.Arn ?? '';
  const encrypt = (KeyId: string, more: object = {}): Promise<unknown> =>
    admin.kms.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from('secret'), ...more }));
  const seal = async (KeyId: string): Promise<Uint8Array> =>
    (await admin.kms.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from('secret') }))).CiphertextBlob ??
    new Uint8Array();

  const account = (): string => admin.account;
  const missing = '11111111-2222-3333-4444-555555555555';
  it.each([
    [
      'another region in the ARN',
      () => keyArn.replace('eu-central-1', 'us-west-2'),
      () => 'Invalid arn us-west-2',
    ],
    ['an ARN cut short', () => 'arn:aws:kms:eu-central-1', () => 'Invalid arn arn:aws:kms:eu-central-1'],
    ['an id of no shape', () => 'fake-key-id', () => "Invalid keyId 'fake-key-id'"],
    [
      'an unknown id',
      () => missing,
      () => `Key 'arn:aws:kms:eu-central-1:${account()}:key/${missing}' does not exist`,
    ],
    [
      'an alias to nothing',
      () => 'alias/nothing',
      () => `Alias arn:aws:kms:eu-central-1:${account()}:alias/nothing is not found.`,
    ],
  ])('NotFoundException for %s', async (_case, name, message) => {
    expect(await refusal(encrypt(name()))).toEqual({
      name: 'NotFoundException',
      message: message(),
      status: 400,
    });
  });

  it('InvalidArnException where the operation knows it', async () => {
    const malformed = admin.kms.send(new DescribeKeyCommand({ KeyId: 'arn:aws:kms:oops' }));
    expect(await refusal(malformed)).toMatchObject({ name: 'InvalidArnException' });
    await admin.kms.send(new CreateAliasCommand({ AliasName: 'alias/off', TargetKeyId: keyArn }));
    const alias = admin.kms.send(new DisableKeyCommand({ KeyId: 'alias/off' }));
    expect(await refusal(alias)).toMatchObject({
      name: 'InvalidArnException',
      message: 'Key Aliases are not supported for this operation',
    });
  });

  it('ValidationException for what breaks a constraint', async () => {
    const tooLong = admin.kms.send(new EncryptCommand({ KeyId: keyArn, Plaintext: Buffer.alloc(4097) }));
    expect(await refusal(tooLong)).toEqual({
      name: 'ValidationException',
      message:
        "1 validation error detected: Value at 'plaintext' failed to satisfy constraint: Member must have length less than or equal to 4096",
      status: 400,
    });
    const noUsage = admin.kms.send(new CreateKeyCommand({ KeySpec: 'RSA_2048' }));
    expect(await refusal(noUsage)).toMatchObject({
      message: 'You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.',
    });
    const short = admin.kms.send(new ScheduleKeyDeletionCommand({ KeyId: keyArn, PendingWindowInDays: 6 }));
    expect(await refusal(short)).toMatchObject({ name: 'ValidationException' });
  });

  it('InvalidKeyUsageException for keys that cannot encrypt so', async () => {
    const signing = await makeKey({ KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' });
    expect(await refusal(encrypt(signing))).toEqual({
      name: 'InvalidKeyUsageException',
      message: `${signing} key usage is SIGN_VERIFY which is not valid for Encrypt.`,
      status: 400,
    });
    const rsa = await makeKey({ KeySpec: 'RSA_2048', KeyUsage: 'ENCRYPT_DECRYPT' });
    expect(await refusal(encrypt(rsa))).toMatchObject({
      name: 'InvalidKeyUsageException',
      message: 'Algorithm SYMMETRIC_DEFAULT is incompatible with key spec RSA_2048.',
    });
  });

  it('IncorrectKeyException for another key, or one of another usage', async () => {
    const other = await makeKey({});
    const CiphertextBlob = await seal(keyArn);
    const message = 'The key ID in the request does not identify a CMK that can perform this operation.';
    const wrong = admin.kms.send(new DecryptCommand({ KeyId: other, CiphertextBlob }));
    expect(await refusal(wrong)).toEqual({ name: 'IncorrectKeyException', message, status: 400 });
    const mac = await makeKey({ KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' });
    expect(await refusal(admin.kms.send(new DecryptCommand({ KeyId: mac, CiphertextBlob })))).toMatchObject({
      message,
    });
  });

  it('InvalidCiphertextException for every flipped byte', async () => {
    const blob = Buffer.from(await seal(keyArn));
    for (let i = 0; i < blob.length; i += 1) {
      const CiphertextBlob = Buffer.from(blob);
      CiphertextBlob[i] = (CiphertextBlob[i] ?? 0) ^ 1;
      const refused = await refusal(admin.kms.send(new DecryptCommand({ KeyId: keyArn, CiphertextBlob })));
      expect([i, refused.name]).toEqual([i, 'InvalidCiphertextException']);
    }
    const rubbish = admin.kms.send(new DecryptCommand({ CiphertextBlob: Buffer.from('rubbish') }));
    expect(await refusal(rubbish)).toMatchObject({ name: 'InvalidCiphertextException' });
  });

  it('DryRunOperationException for what would succeed, the real refusal for what would not', async () => {
    expect(await refusal(encrypt(keyArn, { DryRun: true }))).toEqual({
      name: 'DryRunOperationException',
      message: 'The request would have succeeded, but the DryRun option is set.',
      status: 400,
    });
    const CiphertextBlob = await seal(keyArn);
    const dry = admin.kms.send(new DecryptCommand({ CiphertextBlob, DryRun: true }));
    expect(await refusal(dry)).toMatchObject({ name: 'DryRunOperationException' });
    const stranger = await cloud.user(admin, 'stranger', { Version: '2012-10-17', Statement: [] });
    const denied = stranger.kms.send(
      new EncryptCommand({ KeyId: keyArn, Plaintext: Buffer.from('x'), DryRun: true }),
    );
    expect(await refusal(denied)).toMatchObject({ name: 'AccessDeniedException' });
  });

  it('MalformedPolicyDocumentException for a policy that names nobody real, or locks its author out', async () => {
    const put = (statements: object[]): Promise<unknown> =>
      admin.kms.send(
        new PutKeyPolicyCommand({
          KeyId: keyArn,
          Policy: JSON.stringify({ Version: '2012-10-17', Statement: statements }),
        }),
      );
    const owner = ownerStatement(admin.account);
    const ghost = { ...owner, Principal: { AWS: `arn:aws:iam::${admin.account}:role/ghost` } };
    expect(await refusal(put([owner, ghost]))).toMatchObject({
      name: 'MalformedPolicyDocumentException',
      message: 'Policy contains a statement with one or more invalid principals.',
    });
    expect(await refusal(put([{ ...owner, Action: 'kms:Decrypt' }]))).toMatchObject({
      name: 'MalformedPolicyDocumentException',
      message: 'The new key policy will not allow you to update the key policy in the future.',
    });
    expect(
      await refusal(put([{ ...owner, Condition: { StringResembles: { 'aws:username': 'x' } } }])),
    ).toMatchObject({
      name: 'MalformedPolicyDocumentException',
    });
  });

  it('carries a request id, like every answer', async () => {
    const error: unknown = await admin.kms
      .send(new GenerateDataKeyCommand({ KeyId: missing, KeySpec: 'AES_256' }))
      .catch((e: unknown) => e);
    expect(error).toBeInstanceOf(KMSServiceException);
    expect((error as KMSServiceException).$metadata.requestId).toMatch(/^[0-9a-f-]{36}$/);
    const raw = await fetch(cloud.emulator.url, {
      method: 'POST',
      headers: { 'x-amz-target': 'TrentService.Encrypt' },
      body: '{}',
    });
    expect(raw.headers.get('x-amzn-errortype')).toBe('MissingAuthenticationTokenException');
    expect(await raw.json()).toEqual({
      __type: 'MissingAuthenticationTokenException',
      message: 'Missing Authentication Token',
    });
  });
});

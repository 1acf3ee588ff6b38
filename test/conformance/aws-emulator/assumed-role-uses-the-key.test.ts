import {
  CreateKeyCommand,
  DecryptCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  EncryptCommand,
} from '@aws-sdk/client-kms';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { allow, type Cloud, ownerStatement, type Person, refusal, startCloud, trust } from './cloud';

/** The whole arrangement this product lives on, by the official SDKs: external ID, session policy, context, off-switch. */
describe('a worker of one account uses a key of another through its role', () => {
  let cloud: Cloud;
  let customer: Person;
  let worker: Person;
  let roleArn: string;
  let keyArn: string;
  const externalId = 'smsk:acme:7f3a';
  const context = { 'smsk:org': 'acme', 'smsk:purpose': 'workspace-key', 'smsk:key-version': '1' };

  beforeAll(async () => {
    cloud = await startCloud();
    const operator = cloud.admin('operator');
    customer = cloud.admin('customer');
    worker = await cloud.user(operator, 'worker', allow('sts:AssumeRole'));
    roleArn = await cloud.role(
      customer,
      'smsk',
      trust(`arn:aws:iam::${operator.account}:user/worker`, externalId),
      allow(['kms:Encrypt', 'kms:Decrypt']),
    );
    const policy = { Version: '2012-10-17', Statement: [ownerStatement(customer.account)] };
    const made = await customer.kms.send(new CreateKeyCommand({ Policy: JSON.stringify(policy) }));
    keyArn = made.KeyMetadata?.Arn ?? '';
  });
  afterAll(() => cloud.close());

  const assume = (given: object = { ExternalId: externalId }): Promise<Person> =>
    cloud.assume(worker, {
      RoleArn: roleArn,
      RoleSessionName: 'acme-worker-1',
      DurationSeconds: 900,
      ...given,
    });

  it('wraps and unwraps, bound to context and key', async () => {
    const { kms, sts } = await assume();
    const identity = await sts.send(new GetCallerIdentityCommand({}));
    expect(identity.Arn).toBe(`arn:aws:sts::${customer.account}:assumed-role/smsk/acme-worker-1`);
    const plaintext = Buffer.from('0123456789abcdef0123456789abcdef');
    const sealed = await kms.send(
      new EncryptCommand({ KeyId: keyArn, Plaintext: plaintext, EncryptionContext: context }),
    );
    expect(sealed).toMatchObject({ KeyId: keyArn, EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' });
    expect(Buffer.from(sealed.CiphertextBlob ?? []).includes(plaintext)).toBe(false);
    const reordered = { 'smsk:key-version': '1', 'smsk:purpose': 'workspace-key', 'smsk:org': 'acme' };
    const opened = await kms.send(
      new DecryptCommand({
        KeyId: keyArn,
        CiphertextBlob: sealed.CiphertextBlob,
        EncryptionContext: reordered,
      }),
    );
    expect(Buffer.from(opened.Plaintext ?? []).equals(plaintext)).toBe(true);
    expect(opened.KeyId).toBe(keyArn);
    expect(opened.KeyMaterialId).toMatch(/^[0-9a-f]{64}$/);
    const wrongContext = kms.send(
      new DecryptCommand({
        KeyId: keyArn,
        CiphertextBlob: sealed.CiphertextBlob,
        EncryptionContext: { ...context, 'smsk:org': 'evil' },
      }),
    );
    expect(await refusal(wrongContext)).toMatchObject({ name: 'InvalidCiphertextException', status: 400 });
  });

  it.each([
    ['without an external ID', {}],
    ['with a wrong one', { ExternalId: 'smsk:other' }],
  ])('refuses the role %s', async (_case, given) => {
    const refused = await refusal(assume(given));
    expect(refused).toMatchObject({ name: 'AccessDenied', status: 403 });
    expect(refused.message).toBe(
      `User: arn:aws:iam::${worker.account}:user/worker is not authorized to perform: sts:AssumeRole on resource: ${roleArn}`,
    );
  });

  it('narrows a session by its policy', async () => {
    const { kms } = await assume({
      ExternalId: externalId,
      Policy: JSON.stringify(allow('kms:Decrypt', keyArn)),
    });
    const refused = await refusal(
      kms.send(new EncryptCommand({ KeyId: keyArn, Plaintext: Buffer.from('x') })),
    );
    expect(refused.name).toBe('AccessDeniedException');
    expect(refused.message).toContain('because no session policy allows the kms:Encrypt action');
  });

  it('obeys the off-switch at the next call, and the on-switch', async () => {
    const { kms } = await assume();
    const encrypt = (): Promise<unknown> =>
      kms.send(new EncryptCommand({ KeyId: keyArn, Plaintext: Buffer.from('x') }));
    await customer.kms.send(new DisableKeyCommand({ KeyId: keyArn }));
    expect(await refusal(encrypt())).toMatchObject({
      name: 'DisabledException',
      message: `${keyArn} is disabled.`,
      status: 400,
    });
    await customer.kms.send(new EnableKeyCommand({ KeyId: keyArn }));
    await encrypt();
  });
});

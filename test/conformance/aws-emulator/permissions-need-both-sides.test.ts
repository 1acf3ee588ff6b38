import {
  CreateKeyCommand,
  DecryptCommand,
  DisableKeyCommand,
  EncryptCommand,
  ListKeysCommand,
  PutKeyPolicyCommand,
} from '@aws-sdk/client-kms';
import { allow, type Cloud, ownerStatement, type Person, refusal, startCloud, trust } from './cloud';

const nothing = { Version: '2012-10-17', Statement: [] };

describe('permissions', () => {
  let cloud: Cloud;
  let owner: Person;
  let stranger: Person;
  let keyArn: string;

  beforeAll(async () => {
    cloud = await startCloud();
    owner = cloud.admin('owner');
    stranger = cloud.admin('stranger');
    keyArn = (await owner.kms.send(new CreateKeyCommand({}))).KeyMetadata?.Arn ?? '';
  });
  afterAll(() => cloud.close());

  const setPolicy = (...statements: object[]): Promise<unknown> => {
    const policy = { Version: '2012-10-17', Statement: [ownerStatement(owner.account), ...statements] };
    return owner.kms.send(new PutKeyPolicyCommand({ KeyId: keyArn, Policy: JSON.stringify(policy) }));
  };
  const encrypt = (who: Person, EncryptionContext?: Record<string, string>): Promise<unknown> =>
    who.kms.send(
      new EncryptCommand({
        KeyId: keyArn,
        Plaintext: Buffer.from('x'),
        ...(EncryptionContext && { EncryptionContext }),
      }),
    );
  const why = async (promise: Promise<unknown>): Promise<string> => {
    const refused = await refusal(promise);
    expect(refused.name).toBe('AccessDeniedException');
    return refused.message;
  };

  it('of the same account: the key policy hands over to IAM, which must allow', async () => {
    await setPolicy();
    const user = await cloud.user(owner, 'nobody', nothing);
    expect(await why(encrypt(user))).toBe(
      `User: arn:aws:iam::${owner.account}:user/nobody is not authorized to perform: kms:Encrypt on resource: ${keyArn} ` +
        'because no identity-based policy allows the kms:Encrypt action',
    );
    await owner.iam.call('PutUserPolicy', {
      UserName: 'nobody',
      PolicyName: 'p',
      PolicyDocument: JSON.stringify(allow('kms:Enc*', keyArn)),
    });
    await encrypt(user);
  });

  it('of the same account: the key policy alone is enough if it names the user', async () => {
    const user = await cloud.user(owner, 'named', nothing);
    const grant = {
      Effect: 'Allow',
      Principal: { AWS: `arn:aws:iam::${owner.account}:user/named` },
      Action: 'kms:Encrypt',
      Resource: '*',
    };
    await setPolicy(grant);
    await encrypt(user);
  });

  it('of another account: both sides must allow', async () => {
    const user = await cloud.user(stranger, 'guest', allow('kms:Encrypt'));
    await setPolicy();
    expect(await why(encrypt(user))).toContain(
      'because no resource-based policy allows the kms:Encrypt action',
    );
    await setPolicy({
      Effect: 'Allow',
      Principal: { AWS: stranger.account },
      Action: ['kms:Encrypt', 'kms:Decrypt', 'kms:DisableKey'],
      Resource: '*',
    });
    await encrypt(user);
    await stranger.iam.call('PutUserPolicy', {
      UserName: 'guest',
      PolicyName: 'p',
      PolicyDocument: JSON.stringify(allow('kms:Decrypt')),
    });
    expect(await why(encrypt(user))).toContain(
      'because no identity-based policy allows the kms:Encrypt action',
    );
    // Switching keys off and on is for the owning account, whatever the policy says.
    await why(stranger.kms.send(new DisableKeyCommand({ KeyId: keyArn })));
  });

  it('a denial beats every permission', async () => {
    await setPolicy({ Effect: 'Deny', Principal: '*', Action: 'kms:Encrypt', Resource: '*' });
    expect(await why(encrypt(owner))).toContain('with an explicit deny in a resource-based policy');
    await setPolicy();
    const user = await cloud.user(owner, 'denied', {
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Allow', Action: '*', Resource: '*' },
        { Effect: 'Deny', Action: 'kms:Encrypt', Resource: keyArn },
      ],
    });
    expect(await why(encrypt(user))).toContain('with an explicit deny in an identity-based policy');
  });

  it('conditions on the encryption context cut off a part', async () => {
    const user = await cloud.user(owner, 'contextual', nothing);
    const grant = {
      Effect: 'Allow',
      Principal: { AWS: `arn:aws:iam::${owner.account}:user/contextual` },
      Action: 'kms:Encrypt',
      Resource: '*',
    };
    const only = {
      'ForAllValues:StringEquals': { 'kms:EncryptionContextKeys': ['smsk:org', 'smsk:purpose'] },
    };
    await setPolicy({
      ...grant,
      Condition: { StringEquals: { 'kms:EncryptionContext:smsk:org': 'acme' }, ...only },
    });
    await encrypt(user, { 'smsk:org': 'acme' });
    await encrypt(user, { 'smsk:org': 'acme', 'smsk:purpose': 'workspace-key' });
    await why(encrypt(user, { 'smsk:org': 'other' }));
    await why(encrypt(user, { 'smsk:org': 'acme', more: '1' }));
    await why(encrypt(user));
    await setPolicy({
      ...grant,
      Condition: { StringEquals: { 'kms:ViaService': 's3.eu-central-1.amazonaws.com' } },
    });
    await why(encrypt(user));
  });

  it('another account is not told whether the key of a ciphertext exists', async () => {
    await setPolicy();
    const { CiphertextBlob } = await owner.kms.send(
      new EncryptCommand({ KeyId: keyArn, Plaintext: Buffer.from('x') }),
    );
    expect(await why(stranger.kms.send(new DecryptCommand({ CiphertextBlob })))).toContain(
      'on the resource associated with this ciphertext',
    );
  });

  it('a role may chain to a role, for an hour at most', async () => {
    const first = await cloud.role(owner, 'first', trust(owner.account), allow('sts:AssumeRole'));
    const second = await cloud.role(owner, 'second', trust(first), allow('kms:*'));
    const session = { RoleSessionName: 'chain' };
    const one = await cloud.assume(owner, { ...session, RoleArn: first });
    const tooLong = cloud.assume(one, { ...session, RoleArn: second, DurationSeconds: 3601 });
    expect(await refusal(tooLong)).toMatchObject({
      name: 'ValidationError',
      message: expect.stringContaining('role chaining'),
    });
    const two = await cloud.assume(one, { ...session, RoleArn: second });
    await two.kms.send(new ListKeysCommand({}));
  });

  it('sessions feel a changed role policy at once', async () => {
    await setPolicy();
    const RoleArn = await cloud.role(owner, 'fickle', trust(owner.account), allow('kms:Encrypt'));
    const session = await cloud.assume(owner, { RoleArn, RoleSessionName: 'one' });
    await encrypt(session);
    await owner.iam.call('DeleteRolePolicy', { RoleName: 'fickle', PolicyName: 'p' });
    await why(encrypt(session));
  });

  it.each([
    [
      'a malformed ARN',
      { RoleArn: 'nothing-valid-in-here' },
      'ValidationError',
      /nothing-valid-in-here is invalid/,
    ],
    ['fourteen minutes', { DurationSeconds: 840 }, 'ValidationError', /greater than or equal to 900/],
    ['two hours of a one-hour role', { DurationSeconds: 7200 }, 'ValidationError', /MaxSessionDuration/],
    [
      'a session name with a colon',
      { RoleSessionName: 'a:b' },
      'ValidationError',
      /regular expression pattern: \[\\w\+=,.@-\]\*/,
    ],
    ['a session policy that is none', { Policy: '{"Statement":1}' }, 'MalformedPolicyDocumentException', /./],
    [
      'a role that does not exist',
      { RoleArn: 'arn:aws:iam::123456789012:role/gone' },
      'AccessDenied',
      /not authorized to perform: sts:AssumeRole/,
    ],
    [
      'a managed session policy, which is not emulated',
      { PolicyArns: [{ arn: 'arn:aws:iam::aws:policy/ReadOnlyAccess' }] },
      'ValidationError',
      /not emulated/,
    ],
  ])('AssumeRole refuses %s', async (_case, given, name, message) => {
    const RoleArn = `arn:aws:iam::${owner.account}:role/plain`;
    await cloud.role(owner, 'plain', trust(owner.account), nothing).catch(() => undefined);
    const refused = await refusal(cloud.assume(owner, { RoleArn, RoleSessionName: 'one', ...given }));
    expect(refused.name).toBe(name);
    expect(refused.message).toMatch(message);
  });

  it('a trust policy that names nobody real is refused', async () => {
    const ghost = cloud.role(owner, 'ghostly', trust(`arn:aws:iam::${owner.account}:user/ghost`), nothing);
    expect(await refusal(ghost)).toMatchObject({
      name: 'MalformedPolicyDocument',
      message: expect.stringContaining('Invalid principal in policy'),
    });
  });
});

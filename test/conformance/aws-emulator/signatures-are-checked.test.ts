import { CreateKeyCommand, EncryptCommand, ListKeysCommand } from '@aws-sdk/client-kms';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { amzDateOf, signatureOf, signingKeyOf } from '../../../emulators/aws/wire/sigv4';
import { allow, type Cloud, type Credentials, type Person, refusal, startCloud, trust } from './cloud';

describe('every request is checked against its signature', () => {
  let cloud: Cloud;
  let admin: Person;
  let aheadMs = 0;

  beforeAll(async () => {
    cloud = await startCloud({ clock: () => Date.now() + aheadMs });
    admin = cloud.admin('customer');
  });
  beforeEach(() => {
    aheadMs = 0;
  });
  afterAll(() => cloud.close());

  const both = async (credentials: Credentials): Promise<[string, string]> => [
    (await refusal(cloud.kms(credentials).send(new ListKeysCommand({})))).name,
    (await refusal(cloud.sts(credentials).send(new GetCallerIdentityCommand({})))).name,
  ];
  const differs = ['InvalidSignatureException', 'SignatureDoesNotMatch'];
  const unknown = ['UnrecognizedClientException', 'InvalidClientTokenId'];

  it('a wrong secret', async () => {
    expect(await both({ ...admin.credentials, secretAccessKey: 'wrong' })).toEqual(differs);
  });

  it('an unknown access key, and a deactivated one', async () => {
    expect(await both({ ...admin.credentials, accessKeyId: 'AKIAAAAAAAAAAAAAAAAA' })).toEqual(unknown);
    const user = await cloud.user(admin, 'leaver', allow('*'));
    const deactivate = { UserName: 'leaver', AccessKeyId: user.credentials.accessKeyId, Status: 'Inactive' };
    await admin.iam.call('UpdateAccessKey', deactivate);
    expect(await both(user.credentials)).toEqual(unknown);
  });

  it('a clock more than five minutes off, either way', async () => {
    for (const ms of [6 * 60_000, -6 * 60_000]) {
      aheadMs = ms;
      const fresh = cloud.person(admin.account, admin.credentials);
      const refused = await refusal(fresh.kms.send(new ListKeysCommand({})));
      expect(refused.name).toBe('InvalidSignatureException');
      expect(refused.message).toMatch(
        ms > 0 ? /^Signature expired: \d{8}T\d{6}Z is now earlier than/ : /^Signature not yet current:/,
      );
    }
    aheadMs = 4 * 60_000;
    await cloud.person(admin.account, admin.credentials).kms.send(new ListKeysCommand({}));
  });

  it('a session past its end, one with another token, and one whose role is gone', async () => {
    const worker = await cloud.user(admin, 'worker', allow('sts:AssumeRole'));
    const RoleArn = await cloud.role(admin, 'short', trust(admin.account), allow('kms:*'));
    const session = { RoleArn, RoleSessionName: 'one', DurationSeconds: 900 };
    const one = await cloud.assume(worker, session);
    const two = await cloud.assume(worker, { ...session, RoleSessionName: 'two' });
    await one.kms.send(new ListKeysCommand({}));
    expect(await both({ ...one.credentials, sessionToken: two.credentials.sessionToken ?? '' })).toEqual(
      unknown,
    );
    expect(
      await both({ ...one.credentials, sessionToken: 'bm90IGEgdG9rZW4gYXQgYWxsLCBqdXN0IGJ5dGVz' }),
    ).toEqual(unknown);
    const { sessionToken: _dropped, ...bare } = one.credentials;
    expect(await both(bare)).toEqual(unknown);
    aheadMs = 899_000 - 60_000;
    one.kms.config.systemClockOffset = aheadMs;
    await one.kms.send(new ListKeysCommand({}));
    aheadMs = 901_000;
    one.kms.config.systemClockOffset = aheadMs;
    expect(await refusal(one.kms.send(new ListKeysCommand({})))).toEqual({
      name: 'ExpiredTokenException',
      message: 'The security token included in the request is expired',
      status: 400,
    });
    one.sts.config.systemClockOffset = aheadMs;
    expect(await refusal(one.sts.send(new GetCallerIdentityCommand({})))).toMatchObject({
      name: 'ExpiredToken',
      status: 403,
    });
    aheadMs = 0;
    const three = await cloud.assume(worker, session);
    await admin.iam.call('DeleteRolePolicy', { RoleName: 'short', PolicyName: 'p' });
    await admin.iam.call('DeleteRole', { RoleName: 'short' });
    expect(await both(three.credentials)).toEqual(unknown);
  });

  describe('by hand', () => {
    const send = async (
      change: (r: { headers: Record<string, string>; body: string }) => void,
      skip: string[] = [],
    ): Promise<string> => {
      const body = '{}';
      const amzDate = amzDateOf(Date.now());
      const headers: Record<string, string> = {
        host: new URL(cloud.emulator.url).host,
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-date': amzDate,
        'x-amz-target': 'TrentService.ListKeys',
      };
      const signed = Object.keys(headers)
        .filter((h) => !skip.includes(h))
        .sort();
      const scope = { date: amzDate.slice(0, 8), region: 'eu-central-1', service: 'kms' };
      const signable = {
        method: 'POST',
        target: '/',
        body: Buffer.from(body),
        header: (n: string) => headers[n],
      };
      const { accessKeyId, secretAccessKey } = admin.credentials;
      const signature = signatureOf(signable, signed, amzDate, scope, signingKeyOf(secretAccessKey, scope));
      const credential = `${accessKeyId}/${scope.date}/${scope.region}/${scope.service}/aws4_request`;
      headers['authorization'] =
        `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${signed.join(';')}, Signature=${signature}`;
      const request = { headers, body };
      change(request);
      const response = await fetch(cloud.emulator.url, { method: 'POST', ...request });
      return response.headers.get('x-amzn-errortype') ?? 'accepted';
    };

    it.each([
      ['as signed', () => {}, 'accepted'],
      [
        'a changed body',
        (r: { body: string }) => Object.assign(r, { body: '{"Limit":1}' }),
        'InvalidSignatureException',
      ],
      [
        'a changed header',
        (r: { headers: object }) => Object.assign(r.headers, { 'x-amz-target': 'TrentService.ListAliases' }),
        'InvalidSignatureException',
      ],
      [
        'half a header',
        (r: { headers: object }) =>
          Object.assign(r.headers, { authorization: 'AWS4-HMAC-SHA256 Credential=x' }),
        'IncompleteSignatureException',
      ],
      [
        'none',
        (r: { headers: object }) => Object.assign(r.headers, { authorization: '' }),
        'IncompleteSignatureException',
      ],
    ])('%s', async (_case, change, outcome) => {
      expect(await send(change)).toBe(outcome);
    });

    it('a target that was not signed', async () => {
      expect(await send(() => {}, ['x-amz-target'])).toBe('InvalidSignatureException');
    });
  });

  it('regions come from the signature: a key of one is not in another', async () => {
    const made = await admin.kms.send(new CreateKeyCommand({}));
    const KeyId = made.KeyMetadata?.KeyId ?? '';
    const elsewhere = cloud.kms(admin.credentials, 'us-east-1');
    expect(
      await refusal(elsewhere.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from('x') }))),
    ).toMatchObject({
      name: 'NotFoundException',
      message: `Key 'arn:aws:kms:us-east-1:${admin.account}:key/${KeyId}' does not exist`,
    });
  });
});

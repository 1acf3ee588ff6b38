import { CreateKeyCommand, EncryptCommand } from '@aws-sdk/client-kms';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { type Cloud, type Person, refusal, startCloud } from './cloud';

describe('every failure can be injected', () => {
  let cloud: Cloud;
  let admin: Person;
  let keyArn: string;
  let otherArn: string;
  const slept: number[] = [];

  beforeAll(async () => {
    cloud = await startCloud({ sleep: async (ms) => void slept.push(ms) });
    admin = cloud.admin('customer');
    keyArn = (await admin.kms.send(new CreateKeyCommand({}))).KeyMetadata?.Arn ?? '';
    otherArn = (await admin.kms.send(new CreateKeyCommand({}))).KeyMetadata?.Arn ?? '';
  });
  afterEach(() => {
    cloud.emulator.clearFaults();
    cloud.emulator.setLatency(0);
    slept.length = 0;
  });
  afterAll(() => cloud.close());

  const encrypt = (KeyId = keyArn, abortSignal?: AbortSignal): Promise<unknown> =>
    admin.kms.send(
      new EncryptCommand({ KeyId, Plaintext: Buffer.from('x') }),
      abortSignal === undefined ? {} : { abortSignal },
    );
  const encryptsDone = (): number => cloud.emulator.counters()['kms:Encrypt']?.['ok'] ?? 0;

  it('an error, with a marker in message, headers, request id and body', async () => {
    const marker = 'MARKER-3141';
    const id = cloud.emulator.inject({
      match: { service: 'kms', action: 'Encrypt', keyId: keyArn },
      effect: {
        kind: 'error',
        code: 'ThrottlingException',
        status: 429,
        message: marker,
        headers: { 'x-leak': marker },
        requestId: marker,
      },
      count: 1,
    });
    const error: unknown = await encrypt().catch((e: unknown) => e);
    expect(error).toMatchObject({
      name: 'ThrottlingException',
      message: marker,
      $metadata: { httpStatusCode: 429, requestId: marker },
    });
    expect(
      (error as { $response?: { headers?: Record<string, string> } }).$response?.headers?.['x-leak'],
    ).toBe(marker);
    await encrypt();
    expect(cloud.emulator.hitsOf(id)).toBe(1);
    const record = cloud.emulator.trail().find((r) => r.errorCode === 'ThrottlingException');
    expect(record?.additionalEventData).toEqual({ injectedFault: id });
    expect(JSON.stringify(record)).not.toContain(marker);
  });

  it('an STS error in XML, for one account only', async () => {
    const bystander = cloud.admin('bystander');
    const effect = {
      kind: 'error',
      code: 'RegionDisabledException',
      status: 403,
      message: 'not here <&>',
    } as const;
    cloud.emulator.inject({ match: { service: 'sts', principalAccount: admin.account }, effect });
    expect(await refusal(admin.sts.send(new GetCallerIdentityCommand({})))).toMatchObject({
      name: 'RegionDisabledException',
      message: 'not here <&>',
    });
    await bystander.sts.send(new GetCallerIdentityCommand({}));
  });

  it('for one key, however it is named', async () => {
    cloud.emulator.inject({
      match: { keyId: keyArn },
      effect: { kind: 'error', code: 'KMSInternalException', status: 500 },
    });
    expect(await refusal(encrypt(keyArn.split('/')[1]))).toMatchObject({
      name: 'KMSInternalException',
      status: 500,
    });
    await encrypt(otherArn);
  });

  it('delay, by default and by fault', async () => {
    cloud.emulator.setLatency(11);
    cloud.emulator.inject({ effect: { kind: 'latency', ms: 250 }, count: 1 });
    await encrypt();
    expect(slept).toEqual([5, 250, 6]);
  });

  it.each(['before', 'after'] as const)('a reset, %s the work is done', async (when) => {
    const done = encryptsDone();
    cloud.emulator.inject({ effect: { kind: 'reset', when }, count: 1 });
    expect((await refusal(encrypt())).message).toContain('ECONNRESET');
    expect(encryptsDone() - done).toBe(when === 'after' ? 1 : 0);
  });

  it('silence, until the caller gives up', async () => {
    const id = cloud.emulator.inject({ effect: { kind: 'hang' } });
    const abort = new AbortController();
    const pending = encrypt(keyArn, abort.signal);
    await until(() => cloud.emulator.hitsOf(id) === 1);
    abort.abort();
    expect(await refusal(pending)).toMatchObject({ name: 'AbortError' });
  });

  it('an answer that is none', async () => {
    cloud.emulator.inject({
      effect: { kind: 'malformed', status: 502, body: '<html>Bad gateway</html>' },
      count: 1,
    });
    expect(await refusal(encrypt())).toMatchObject({ status: 502 });
    cloud.emulator.inject({ effect: { kind: 'malformed', body: '{"CiphertextBlob":' }, count: 1 });
    await refusal(encrypt());
  });

  it.each(['before', 'after'] as const)('a gate, %s the work is done', async (when) => {
    const done = encryptsDone();
    const id = cloud.emulator.inject({ effect: { kind: 'hold', when } });
    let answered = false;
    const pending = encrypt().then(() => {
      answered = true;
    });
    await until(() => (when === 'after' ? encryptsDone() - done === 1 : cloud.emulator.hitsOf(id) === 1));
    expect([answered, encryptsDone() - done]).toEqual([false, when === 'after' ? 1 : 0]);
    cloud.emulator.clearFaults(id);
    await pending;
  });

  it('for callers that are not even authenticated', async () => {
    cloud.emulator.inject({ effect: { kind: 'error', code: 'ServiceUnavailable', status: 503 }, count: 1 });
    const nobody = cloud.kms({ accessKeyId: 'AKIANOBODY', secretAccessKey: 'x' });
    expect(await refusal(nobody.send(new CreateKeyCommand({})))).toMatchObject({
      name: 'ServiceUnavailable',
      status: 503,
    });
  });
});

/** Polls; the test's own time limit ends it. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}

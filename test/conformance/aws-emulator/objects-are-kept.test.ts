import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type PutObjectCommandInput,
  S3Client,
} from '@aws-sdk/client-s3';
import { allow, type Cloud, type Credentials, type Person, refusal, region, startCloud } from './cloud';

describe('objects are kept as S3 keeps them, for the official client', () => {
  const Bucket = 'novantra-ledgers';
  let cloud: Cloud;
  let admin: Person;
  let s3: S3Client;
  const clients: S3Client[] = [];
  const clientOf = (credentials: Credentials, inRegion = region): S3Client => {
    const client = new S3Client({
      ...{
        endpoint: cloud.emulator.url,
        region: inRegion,
        credentials,
        forcePathStyle: true,
        maxAttempts: 1,
      },
      requestChecksumCalculation: 'WHEN_REQUIRED',
    });
    clients.push(client);
    return client;
  };
  const put = (input: Partial<PutObjectCommandInput>, by = s3) =>
    by.send(new PutObjectCommand({ Bucket, Key: 'a/b c+ü.jsonl', Body: 'one', ...input }));
  const nameOf = async (promise: Promise<unknown>) => (await refusal(promise)).name;

  beforeAll(async () => {
    cloud = await startCloud({ listAtMost: 2 });
    admin = cloud.admin('operator');
    s3 = clientOf(admin.credentials);
    await s3.send(new CreateBucketCommand({ Bucket }));
    await put({});
  });
  afterAll(async () => {
    for (const client of clients) client.destroy();
    await cloud.close();
  });

  it('under any name: S3’s signatures take the path as it was sent', async () => {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: 'a/b c+ü.jsonl' }));
    expect(await Body?.transformToString()).toBe('one');
    const forged = clientOf({ ...admin.credentials, secretAccessKey: 'x'.repeat(40) });
    expect(await nameOf(put({}, forged))).toBe('SignatureDoesNotMatch');
    const unknown = clientOf({ ...admin.credentials, accessKeyId: 'AKIAAAAAAAAAAAAAAAAA' });
    expect(await nameOf(put({}, unknown))).toBe('InvalidAccessKeyId');
  });

  it('what isn’t the body that was promised, or asks for what isn’t there, is refused', async () => {
    const ChecksumSHA256 = Buffer.alloc(32).toString('base64');
    expect(await nameOf(put({ ChecksumSHA256 }))).toBe('BadDigest');
    expect(await nameOf(put({ ChecksumAlgorithm: 'CRC32' }))).toBe('NotImplemented');
    expect(await nameOf(put({ ServerSideEncryption: 'AES256' }))).toBe('NotImplemented');
    expect(await nameOf(put({ IfNoneMatch: '*' }))).toBe('PreconditionFailed');
    const lock = {
      ObjectLockMode: 'COMPLIANCE',
      ObjectLockRetainUntilDate: new Date(Date.now() + 1e9),
      ChecksumAlgorithm: 'SHA256',
    } as const;
    // The bucket was made without it.
    expect(await nameOf(put(lock))).toBe('InvalidRequest');
    expect(await nameOf(put({ Bucket: 'nowhere' }))).toBe('NoSuchBucket');
    expect(await nameOf(put({}, clientOf(admin.credentials, 'us-east-1')))).toBe('PermanentRedirect');
  });

  it('identity policies decide; that a key is missing is told to whom the bucket may be listed', async () => {
    const get = (by: Person) =>
      nameOf(clientOf(by.credentials).send(new GetObjectCommand({ Bucket, Key: 'none' })));
    const reader = await cloud.user(admin, 'reader', allow('s3:GetObject'));
    const lister = await cloud.user(admin, 'lister', allow(['s3:GetObject', 's3:ListBucket']));
    expect([await get(reader), await get(lister)]).toEqual(['AccessDenied', 'NoSuchKey']);
    expect(await nameOf(put({}, clientOf(lister.credentials)))).toBe('AccessDenied');
    const stranger = cloud.admin('customer');
    expect(await get(stranger)).toBe('AccessDenied');
  });

  it('a listing comes in pages, in the order of bytes, folders in one line', async () => {
    for (const Key of ['z', 'b/1', 'b/2', 'é', 'a/c']) await put({ Key });
    const pages: (string | undefined)[][] = [];
    let ContinuationToken: string | undefined;
    do {
      const page = await s3.send(
        new ListObjectsV2Command({ Bucket, Delimiter: '/', ...(ContinuationToken && { ContinuationToken }) }),
      );
      const { Contents = [], CommonPrefixes = [], NextContinuationToken } = page;
      pages.push([...Contents.map(({ Key }) => Key), ...CommonPrefixes.map(({ Prefix }) => Prefix)]);
      ContinuationToken = NextContinuationToken;
    } while (ContinuationToken !== undefined);
    expect(pages).toEqual([
      ['a/', 'b/'],
      ['z', 'é'],
    ]);
    const after = new ListObjectsV2Command({ Bucket, Prefix: 'b/', StartAfter: 'b/1' });
    expect((await s3.send(after)).Contents?.map(({ Key }) => Key)).toEqual(['b/2']);
  });
});

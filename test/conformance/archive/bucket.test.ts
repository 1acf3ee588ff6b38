import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { publicationIn } from '../../../ledger/publication-archive';
import { archiveContract, indexesIn, organization, PAGE, type Place, part } from './contract';
import { BUCKET, type OperatorsBucket, operatorsBucket } from './operators-bucket';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const key = `smsk/${organization}/000000000003.jsonl`;
const error = (code: string, status: number) => ({ kind: 'error' as const, code, status });
const ofPut = { match: { service: 's3' as const, action: 'PutObject' }, count: 1 };

describe('a bucket keeps what is published', () => {
  const opened: OperatorsBucket[] = [];
  const openBucket = async (): Promise<OperatorsBucket> => {
    const bucket = await operatorsBucket(PAGE);
    opened.push(bucket);
    return bucket;
  };
  afterAll(() => Promise.all(opened.map((each) => each.close())));

  const open = async (): Promise<Place> => {
    const bucket = await openBucket();
    const { emulator } = bucket;
    const at = (name: string, effect: Parameters<typeof emulator.inject>[0]['effect'], count: number) => ({
      name,
      arm: () => {
        bucket.advance(60_000);
        emulator.clearFaults();
        emulator.inject({ ...ofPut, effect, count });
      },
      isMended: count < 3,
    });
    return {
      archive: bucket.archive(),
      another: () => bucket.archive(),
      everything: async () => bucket.names(),
      deny: async () => {
        const fault = emulator.inject({ match: { service: 's3' }, effect: error('AccessDenied', 403) });
        return async () => emulator.clearFaults(fault);
      },
      denied: 'OUR_IDENTITY',
      crashes: [
        { ...at('cut on the way in, once', { kind: 'reset' }, 1), leaves: 'whole' },
        { ...at('the answer lost, once', { kind: 'reset', when: 'after' }, 1), leaves: 'whole' },
        { ...at('cut on the way in, always', { kind: 'reset' }, 3), leaves: 'nothing' },
        { ...at('the answer lost, always', { kind: 'reset', when: 'after' }, 3), leaves: 'whole' },
        { ...at('told to slow down', error('SlowDown', 503), 2), leaves: 'whole' },
        { ...at('a gateway’s 503', { kind: 'malformed', status: 503 }, 2), leaves: 'whole' },
        { ...at('throttled for long', error('SlowDown', 503), 3), leaves: 'nothing' },
        { ...at('another writer under way', error('ConditionalRequestConflict', 409), 1), leaves: 'whole' },
      ],
    };
  };
  archiveContract(open);

  test('inv09: what may pass is tried again, after pauses; then nobody tries for a while, and then it works again', async () => {
    const { archive, emulator, advance, pauses, records } = await openBucket();
    const it = archive({});
    const fault = emulator.inject({ match: { service: 's3' }, effect: error('SlowDown', 503) });
    const away = { name: 'PublicationAway', why: 'THROTTLED' };
    await expect(it.list('')).rejects.toMatchObject(away);
    expect(pauses).toEqual([200, 1_000]);
    await expect(it.read('a/one')).rejects.toMatchObject(away);
    expect(emulator.hitsOf(fault)).toBe(3);
    emulator.clearFaults();
    advance(15_000);
    expect(await it.list('')).toEqual([]);
    expect(records.map(({ provider, operation, code }) => `${provider} ${operation} ${code}`)).toEqual([
      ...Array(3).fill('publication list-objects-v2 THROTTLED'),
      'publication list-objects-v2 OK',
    ]);
  });

  test('what doesn’t pass isn’t tried again, and is ours by its name', async () => {
    const { archive, emulator, credentials, pauses } = await openBucket();
    const refused = [
      [archive({ bucket: 'not-there-at-all' }), 'CONFIG_INVALID'],
      [archive({ region: 'us-east-1' }), 'CONFIG_INVALID'],
      [archive({ prefix: 'elsewhere/' }), 'OUR_IDENTITY'],
      [archive({ credentials: { ...credentials, accessKeyId: 'AKIAAAAAAAAAAAAAAAAA' } }), 'OUR_IDENTITY'],
    ] as const;
    for (const [it, why] of refused)
      await expect(it.create('a/one', bytes('one'))).rejects.toMatchObject({ name: 'PublicationAway', why });
    expect(pauses).toEqual([]);
    const forged = archive({ credentials: { ...credentials, secretAccessKey: 'x'.repeat(40) } });
    await expect(forged.list('')).rejects.toMatchObject({ why: 'OUR_CLOCK_OR_CREDS' });
    const fault = emulator.inject({ match: { service: 's3' }, effect: error('ExpiredToken', 400), count: 1 });
    expect(await archive().list('')).toEqual([]);
    expect(emulator.hitsOf(fault)).toBe(1);
    emulator.inject({ ...ofPut, effect: error('SomethingNew', 418) });
    await expect(archive().create('a/one', bytes('one'))).rejects.toMatchObject({ why: 'UNCLASSIFIED' });
  });

  test('inv09: each object is locked, and its digest checked on both ways; one that was damaged is unusable', async () => {
    const { archive, admin, emulator } = await openBucket();
    const it = archive();
    const before = Date.now();
    await publicationIn(it).publish(part(0, 3));
    const object = await admin.send(
      new GetObjectCommand({ Bucket: BUCKET, Key: key, ChecksumMode: 'ENABLED' }),
    );
    expect(object).toMatchObject({ ObjectLockMode: 'COMPLIANCE', ChecksumSHA256: expect.any(String) });
    const days = ((object.ObjectLockRetainUntilDate?.getTime() ?? 0) - before) / 86_400_000;
    expect(Math.round(days)).toBe(30);
    expect(await it.read(`${organization}/000000000003.jsonl`)).toEqual(
      await object.Body?.transformToByteArray(),
    );
    emulator.inject({
      match: { service: 's3', action: 'GetObject' },
      effect: {
        kind: 'malformed',
        headers: { 'x-amz-checksum-sha256': object.ChecksumSHA256 ?? '' },
        body: 'something else',
      },
    });
    await expect(it.read(`${organization}/000000000003.jsonl`)).rejects.toMatchObject({
      name: 'PublicationUnusable',
    });
    await expect(indexesIn(it)).rejects.toMatchObject({ name: 'PublicationUnusable' });
  });

  test('a store that doesn’t know where to begin is read all the same; one that gives a page again and again is left', async () => {
    const { archive, emulator } = await openBucket();
    const answer = (end: string) => {
      const body = `<ListBucketResult><Contents><Key>smsk/a/1</Key></Contents><Contents><Key>smsk/a/2</Key></Contents>${end}</ListBucketResult>`;
      return emulator.inject({
        match: { service: 's3', action: 'ListObjectsV2' },
        effect: { kind: 'malformed', body },
      });
    };
    const fault = answer('<IsTruncated>false</IsTruncated>');
    expect(await archive().list('a', '1')).toEqual(['2']);
    emulator.clearFaults(fault);
    answer('<IsTruncated>true</IsTruncated><NextContinuationToken>x</NextContinuationToken>');
    await expect(archive().list('a')).rejects.toMatchObject({ name: 'PublicationAway' });
  });

  test('inv09: our identity can put and read, and neither delete nor write over nor lock for less', async () => {
    const { archive, admin, credentials, emulator } = await openBucket();
    await publicationIn(archive()).publish(part(0, 3));
    const { S3Client } = await import('@aws-sdk/client-s3');
    const ours = new S3Client({
      ...{
        endpoint: emulator.url,
        region: 'eu-central-1',
        credentials,
        forcePathStyle: true,
        maxAttempts: 1,
      },
      requestChecksumCalculation: 'WHEN_REQUIRED',
    });
    const denied = { name: 'AccessDenied' };
    const Bucket = BUCKET;
    await expect(ours.send(new DeleteObjectCommand({ Bucket, Key: key }))).rejects.toMatchObject(denied);
    await expect(ours.send(new PutObjectCommand({ Bucket, Key: key, Body: 'x' }))).rejects.toMatchObject(
      denied,
    );
    ours.destroy();
    // Whoever may, by another way, leaves a trace: a part that was seen isn't passed over when it is gone.
    const publication = publicationIn(archive());
    await publication.publish(part(3, 5));
    expect((await publication.latest(organization))?.size).toBe(5);
    await admin.send(new DeleteObjectCommand({ Bucket, Key: key.replace('03', '05') }));
    await expect(publication.latest(organization)).rejects.toMatchObject({ name: 'PublicationUnusable' });
  });
});

import { createHash } from 'node:crypto';
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { type Archive, type BucketPlace, PublicationAway } from '../../domain/ports/archive';
import { PublicationUnusable } from '../../domain/ports/publication';
import { requestIdOfAnswer } from '../aws-kms/classify';
import { type CallAbout, createCall, type Observe } from '../calls/call';
import { textOf } from '../calls/foreign-error';
import type { OwnClient } from '../credentials/own-client';
import { type PatienceOptions, patiently } from './patience';
import { classifyObjectError } from './rules';

export interface BucketOptions extends PatienceOptions {
  readonly place: BucketPlace;
  readonly region: string;
  readonly client: OwnClient<S3Client>;
  readonly observe: Observe;
}

const DAY_MS = 86_400_000;
/** How long an object is waited for, as if it had so many bytes: most have far fewer. */
const READ_BYTES = 16_000_000;
/** How the SDK says that what it read isn't what the store keeps the digest of. */
const DAMAGED = /^Checksum mismatch/;

/**
 * A bucket of S3, or of a store that speaks as S3 does. What is there is never written over, by the store's own condition
 * (`If-None-Match: *`); the digest (SHA-256) of each object is sent with it, checked by the store, and checked again here
 * when the object is read.
 */
export function bucketArchive({ place, region, client, observe, ...means }: BucketOptions): Archive {
  const { bucket: Bucket, prefix, retentionDays } = place;
  const { clock } = means;
  const call = createCall<CallAbout>({
    provider: 'publication',
    clock,
    observe,
    classify: (raw) => classifyObjectError(raw, region),
    requestIdOf: requestIdOfAnswer,
  });
  const patient = patiently(means);
  const send = <T>(
    operation: string,
    bytes: number,
    work: (s3: S3Client, options: { abortSignal: AbortSignal }) => Promise<T>,
  ): Promise<T> =>
    patient(
      (signal, renew) =>
        call(
          { operation, organization: null, signal },
          async (abortSignal) => work(await client.get(abortSignal, renew), { abortSignal }),
          (answer) => answer,
        ),
      bytes,
    );

  return {
    async list(folder, after = '') {
      const below = `${prefix}${folder === '' ? '' : `${folder}/`}`;
      const found: string[] = [];
      let token: string | undefined;
      do {
        const page = await send('list-objects-v2', 0, (s3, options) =>
          s3.send(
            new ListObjectsV2Command({
              ...{ Bucket, Prefix: below, Delimiter: '/', ContinuationToken: token },
              ...(after === '' ? {} : { StartAfter: `${below}${after}` }),
            }),
            options,
          ),
        );
        for (const { Key = '' } of page.Contents ?? []) found.push(Key.slice(below.length));
        for (const { Prefix = '' } of page.CommonPrefixes ?? []) found.push(Prefix.slice(below.length, -1));
        const next = page.IsTruncated === true ? page.NextContinuationToken : undefined;
        // A store that gives the same page again would do so for ever.
        if (next !== undefined && next === token) throw new PublicationAway('UNCLASSIFIED');
        token = next;
      } while (token !== undefined);
      // Not every store knows where to begin.
      return found.filter((name) => name > after).sort();
    },

    async read(name) {
      const bytes = await send('get-object', READ_BYTES, async (s3, options) => {
        try {
          const input = { Bucket, Key: `${prefix}${name}`, ChecksumMode: 'ENABLED' } as const;
          const { Body } = await s3.send(new GetObjectCommand(input), options);
          return await Body?.transformToByteArray();
        } catch (raw) {
          if (textOf(raw, 'name') === 'NoSuchKey') return undefined;
          if (DAMAGED.test(textOf(raw, 'message'))) return 'damaged';
          throw raw;
        }
      });
      if (bytes === 'damaged') throw new PublicationUnusable('a published part isn’t what its digest says');
      return bytes;
    },

    create: (name, bytes) =>
      send('put-object', bytes.length, async (s3, options) => {
        const lock =
          retentionDays === null
            ? {}
            : {
                ObjectLockMode: 'COMPLIANCE' as const,
                ObjectLockRetainUntilDate: new Date(clock() + retentionDays * DAY_MS),
              };
        try {
          await s3.send(
            new PutObjectCommand({
              ...{ Bucket, Key: `${prefix}${name}`, Body: bytes, IfNoneMatch: '*', ...lock },
              ChecksumSHA256: createHash('sha256').update(bytes).digest('base64'),
            }),
            options,
          );
          return 'created';
        } catch (raw) {
          if (textOf(raw, 'name') === 'PreconditionFailed') return 'present';
          throw raw;
        }
      }),
  };
}

import { z } from 'zod';
import { awsRegion } from '../domain/intake/aws';
import { identity } from './identity';

const file = z.string().min(1);
/** Of a bucket, whoever serves it. */
const inBucket = {
  /** Without dots: it stands in paths, and in the names of certificates elsewhere. */
  bucket: z.string().regex(/^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/, 'must be a bucket’s name without dots'),
  prefix: z
    .string()
    .regex(/^([A-Za-z0-9_-]+\/)*$/, 'must be empty, or like smsk/ledgers/')
    .max(200)
    .default(''),
  /** Each object is locked for so long (Object Lock, COMPLIANCE); `null`: as the bucket's own default has it. */
  retentionDays: z.int().min(1).max(36_500).nullable().default(null),
};

/** Where ledgers are published: what whoever can write to the database can't write to. */
export const publication = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('folder'), folder: file }),
  z.strictObject({ kind: z.literal('s3'), ...inBucket, region: awsRegion, identity }),
  /** An object store of the operator's own, which never sees an identity of ours at AWS. */
  z.strictObject({
    kind: z.literal('s3-compatible'),
    ...inBucket,
    url: z
      .url({ protocol: /^https$/ })
      .refine((url) => new URL(url).origin === url, 'must be https://HOST:PORT'),
    /** The one authority (PEM) that is trusted there; `null`: the public ones. */
    caFile: file.nullable().default(null),
    /** What requests are signed for; stores without regions take any. */
    region: z
      .string()
      .regex(/^[a-z0-9-]{1,40}$/)
      .default('us-east-1'),
    credentialsFile: file,
  }),
]);
export type PublicationPlace = z.infer<typeof publication>;

import type { Bucket } from '../model/state';
import { AwsError } from '../wire/aws-error';
import { escapeXml } from '../wire/query';
import { etagOf } from './put-object';

interface Entry {
  /** What pages are cut by. */
  readonly name: string;
  readonly xml: string;
}

/**
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
 * @param pageMost how many at most in a page, whatever is asked for
 * @throws AwsError
 */
export function listObjects(bucket: Bucket, query: ReadonlyMap<string, string>, pageMost: number): string {
  const prefix = query.get('prefix') ?? '';
  const delimiter = query.get('delimiter') ?? '';
  const token = query.get('continuation-token');
  const after = token === undefined ? (query.get('start-after') ?? '') : lastOf(token);
  const most = Math.min(Number(query.get('max-keys') ?? 1000), 1000, pageMost);
  if (!Number.isInteger(most) || most < 0 || query.has('encoding-type'))
    throw new AwsError('InvalidArgument', 'Argument max-keys or encoding-type is not served here');
  const left = entries(bucket, prefix, delimiter).filter(({ name }) => isAfter(name, after));
  const page = left.slice(0, most);
  const last = page.at(-1);
  const isTruncated = left.length > page.length;
  return (
    '<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">' +
    `<Name>${bucket.name}</Name><Prefix>${escapeXml(prefix)}</Prefix><KeyCount>${page.length}</KeyCount>` +
    `<MaxKeys>${most}</MaxKeys><IsTruncated>${isTruncated}</IsTruncated>` +
    (isTruncated && last !== undefined
      ? `<NextContinuationToken>${tokenOf(last.name)}</NextContinuationToken>`
      : '') +
    `${page.map(({ xml }) => xml).join('')}</ListBucketResult>`
  );
}

/** Keys, and in place of those that share a beginning up to the delimiter that beginning, in the order of their bytes. */
function entries(bucket: Bucket, prefix: string, delimiter: string): readonly Entry[] {
  const found = new Map<string, Entry>();
  for (const [key, { text, createdAt }] of bucket.objects) {
    if (!key.startsWith(prefix)) continue;
    const cut = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
    if (cut === -1) {
      const date = new Date(createdAt).toISOString();
      const xml =
        `<Contents><Key>${escapeXml(key)}</Key><LastModified>${date}</LastModified><ETag>${escapeXml(etagOf(text))}</ETag>` +
        `<Size>${Buffer.byteLength(text)}</Size><StorageClass>STANDARD</StorageClass></Contents>`;
      found.set(key, { name: key, xml });
    } else {
      const name = key.slice(0, cut + delimiter.length);
      const xml = `<CommonPrefixes><Prefix>${escapeXml(name)}</Prefix></CommonPrefixes>`;
      found.set(name, { name, xml });
    }
  }
  return [...found.values()].sort((a, b) => (isAfter(a.name, b.name) ? 1 : -1));
}

const isAfter = (a: string, b: string): boolean => Buffer.compare(Buffer.from(a), Buffer.from(b)) > 0;
const tokenOf = (name: string): string => Buffer.from(name).toString('base64url');
const lastOf = (token: string): string => Buffer.from(token, 'base64url').toString('utf8');

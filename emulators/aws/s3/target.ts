import type { WireRequest } from '../../loopback/wire';

/** What an S3 request is about. Buckets are named in the path, never by the host. */
export interface S3Target {
  /** Empty: none is named. */
  readonly bucket: string;
  /** Empty: it is about the bucket. */
  readonly key: string;
  readonly query: ReadonlyMap<string, string>;
  /** As policies name it, without `s3:`; empty: none of those there are. */
  readonly action: string;
}

const OBJECT: Readonly<Record<string, string>> = {
  PUT: 'PutObject',
  GET: 'GetObject',
  DELETE: 'DeleteObject',
};

export function targetOf(request: WireRequest): S3Target {
  const url = new URL(request.target, 'http://emulator');
  const [bucket = '', ...rest] = url.pathname.slice(1).split('/').map(decodeURIComponent);
  const key = rest.join('/');
  const query = new Map(url.searchParams);
  return { bucket, key, query, action: bucket === '' ? '' : actionOf(request.method, key, query) };
}

function actionOf(method: string, key: string, query: ReadonlyMap<string, string>): string {
  if (key !== '') return OBJECT[method] ?? '';
  if (method === 'PUT') return 'CreateBucket';
  return method === 'GET' && query.get('list-type') === '2' ? 'ListObjectsV2' : '';
}

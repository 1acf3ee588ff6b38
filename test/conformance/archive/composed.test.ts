import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import { makeTlsMaterial } from '../../../emulators/azure/tls/authority';
import { folderAt } from '../../../ledger/publication';
import { type ArchivePlace, composeArchive } from '../../../providers/publication/compose';
import { BUCKET, type OperatorsBucket, operatorsBucket, REGION } from './operators-bucket';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** What the configuration names is what is spoken to, in the ways that it names. */
describe('the place of the publication as the configuration has it', () => {
  let bucket: OperatorsBucket;
  let folder = '';
  let url = '';
  const closing: (() => void)[] = [];
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text, { mode: 0o600 });
  const compose = (publication: ArchivePlace, env = {}) =>
    composeArchive(
      {
        mode: 'development',
        aws: { identity: { kind: 'machine', arn: '' }, emulatorUrl: bucket.emulator.url },
        publication,
      },
      {
        env,
        path: (file) => join(folder, file),
        processTag: 'test',
        observe: (record) => void bucket.records.push(record),
        folderAt,
      },
    );
  const inBucket = { bucket: BUCKET, prefix: 'smsk/', retentionDays: null, region: REGION };
  const ownStore = (caFile: string | null): ArchivePlace => ({
    ...{ kind: 's3-compatible', ...inBucket, url, caFile, credentialsFile: 'credentials.json' },
  });

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'smsk-archive-'));
    bucket = await operatorsBucket();
    write('credentials.json', JSON.stringify(bucket.credentials));
    // A store of the operator's own: on a private address, under an authority that nobody else trusts.
    const { ca, certificate, privateKey } = makeTlsMaterial(randomBytes);
    write('ca.pem', ca);
    const sockets = new Set<{ destroy(): unknown }>();
    const server = createServer({ cert: certificate, key: privateKey }, (socket) => {
      const inner = connect(Number(new URL(bucket.emulator.url).port), '127.0.0.1');
      for (const [one, other] of [
        [socket, inner],
        [inner, socket],
      ] as const) {
        sockets.add(one);
        one.on('error', () => other.destroy()).pipe(other);
      }
    });
    server.on('tlsClientError', () => undefined);
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    closing.push(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    url = `https://localhost:${(server.address() as { port: number }).port}`;
  });
  afterAll(async () => {
    for (const close of closing) close();
    await bucket.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('a folder, beside the configuration', async () => {
    const archive = compose({ kind: 'folder', folder: 'published' });
    await archive?.create('a/one', bytes('one'));
    expect(await folderAt(join(folder, 'published')).read('a/one')).toEqual(Buffer.from('one'));
  });

  test('S3, under an identity of ours that a file holds', async () => {
    const identity = { kind: 'file', file: 'credentials.json', arn: '' } as const;
    const archive = compose({ kind: 's3', ...inBucket, identity });
    expect(await archive?.create('a/one', bytes('one'))).toBe('created');
    expect(await bucket.names()).toEqual(['a/one']);
    expect(bucket.records.map(({ operation, code }) => `${operation} ${code}`)).toEqual(['put-object OK']);
  });

  test('a store of the operator’s own: at a private address, over TLS, and under its own authority alone', async () => {
    const archive = compose(ownStore('ca.pem'));
    expect(await archive?.create('b/one', bytes('one'))).toBe('created');
    expect(await archive?.create('b/one', bytes('two'))).toBe('present');
    expect(await archive?.list('')).toEqual(['a', 'b']);
    const untrusting = compose(ownStore(null));
    await expect(untrusting?.list('')).rejects.toMatchObject({ name: 'PublicationAway', why: 'NETWORK' });
    expect(() => compose({ ...ownStore(null), url: url.replace('https', 'http') } as ArchivePlace)).toThrow(
      /must be like https/,
    );
  });

  test('an environment that would send us elsewhere is refused', () => {
    expect(() => compose(ownStore('ca.pem'), { AWS_ENDPOINT_URL_S3: 'http://elsewhere' })).toThrow(
      /AWS_ENDPOINT_URL_S3/,
    );
  });
});

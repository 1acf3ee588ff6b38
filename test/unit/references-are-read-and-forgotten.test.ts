import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import type { UsableReference } from '../../domain/credential-reference';
import { ProviderFailure } from '../../domain/failure';
import type { LedgerIndex, OrganizationId } from '../../domain/ids';
import { observing } from '../../providers/calls/observing';
import { appCredentialOf } from '../../providers/credentials/approved/azure';
import { mountedFiles } from '../../providers/credentials/approved/mounted-files';
import type { Place } from '../../providers/credentials/approved/place';
import { credentialReader } from '../../providers/credentials/approved/read';
import { awsCredentialsOf } from '../../providers/credentials/aws';
import { Folder, instantAfter } from '../conformance/references/book';

const MARKER = 'LeAkMaRkEr';
const never = (): AbortSignal => new AbortController().signal;
const entry: UsableReference = {
  organization: '6f1e0a4e-0000-4000-8000-0000000000cc' as OrganizationId,
  name: 'acme-wrap',
  provider: 'aws-kms',
  key: 'arn:aws:kms:eu-central-1:111122223333:key/0a1b2c3d-0a1b-4c3d-8e5f-0a1b2c3d4e5f',
  locator: 'file:acme.json',
  identity: 'arn:aws:iam::111122223333:user/wrap',
  notAfter: instantAfter(86_400_000),
  registration: 7 as LedgerIndex,
};
const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'OK',
    (failure: unknown) => (failure instanceof ProviderFailure ? failure.code : `raw ${String(failure)}`),
  );

describe('a mounted credential', () => {
  let folder: Folder;
  beforeEach(() => {
    folder = new Folder();
  });
  afterEach(() => folder.remove());
  const read = (name: string, mounted = folder.path) => {
    const places = { file: mountedFiles(mounted), aws: null, azure: null };
    const reader = credentialReader({ places, clock: Date.now, observe: () => {} });
    return reader({ ...entry, locator: `file:${name}` }, (text) => text, never());
  };

  test('is read anew each time', async () => {
    folder.write('acme.json', 'one\n');
    expect((await read('acme.json')).value).toBe('one');
    folder.write('acme.json', 'two');
    expect((await read('acme.json')).value).toBe('two');
  });

  test('may lie behind links inside its folder, as Kubernetes mounts it', async () => {
    mkdirSync(join(folder.path, '..2026_11_28'));
    folder.write('..2026_11_28/acme.json', 'one');
    symlinkSync('..2026_11_28', join(folder.path, '..data'));
    symlinkSync('..data/acme.json', join(folder.path, 'acme.json'));
    expect((await read('acme.json')).value).toBe('one');
    const link = `${folder.path}-link`;
    symlinkSync(folder.path, link);
    try {
      expect((await read('acme.json', link)).value).toBe('one');
    } finally {
      rmSync(link);
    }
  });

  const outside = new Folder();
  afterAll(() => outside.remove());
  test.each<[string, () => void]>([
    ['isn’t there', () => {}],
    ['others may read', () => folder.write('acme.json', 'x', 0o640)],
    ['is a folder', () => mkdirSync(join(folder.path, 'acme.json'))],
    ['is a pipe', () => void execFileSync('mkfifo', ['-m', '600', join(folder.path, 'acme.json')])],
    ['is too long', () => folder.write('acme.json', 'x'.repeat(65_537))],
    [
      'is a link out of its folder',
      () => {
        outside.write('acme.json', 'x');
        symlinkSync(join(outside.path, 'acme.json'), join(folder.path, 'acme.json'));
      },
    ],
    [
      'lies in a folder whose name begins like its own',
      () => {
        mkdirSync(`${folder.path}-2`);
        writeFileSync(`${folder.path}-2/acme.json`, 'x', { mode: 0o600 });
        symlinkSync(`${folder.path}-2/acme.json`, join(folder.path, 'acme.json'));
      },
    ],
  ])('that %s is CREDENTIAL_UNAVAILABLE', async (_, arrange) => {
    arrange();
    expect(await codeOf(read('acme.json'))).toBe('CREDENTIAL_UNAVAILABLE');
    rmSync(`${folder.path}-2`, { recursive: true, force: true });
  });
});

describe('what was read', () => {
  const place = (bytes: Uint8Array, arrived: Promise<void> = Promise.resolve()): Place => ({
    operation: 'read-file',
    read: async () => {
      await arrived;
      return { bytes, notAfterMs: null, requestId: null };
    },
    classify: () => new ProviderFailure('CREDENTIAL_UNAVAILABLE'),
  });
  const reader = (file: Place) =>
    credentialReader({ places: { file, aws: null, azure: null }, clock: Date.now, observe: () => {} });

  test('is zeroed, whether it could be parsed or not', async () => {
    const parses: ((text: string) => unknown)[] = [(text) => text.length, awsCredentialsOf];
    for (const parse of parses) {
      const bytes = Buffer.from(MARKER);
      await codeOf(reader(place(bytes))(entry, parse, never()));
      expect(bytes.every((byte) => byte === 0)).toBe(true);
    }
  });

  test('is zeroed too where it came after its reader had left', async () => {
    const bytes = Buffer.from(MARKER);
    let arrive = (): void => {};
    const arrived = new Promise<void>((done) => {
      arrive = done;
    });
    const leaving = new AbortController();
    const reading = codeOf(reader(place(bytes, arrived))(entry, (text) => text, leaving.signal));
    leaving.abort();
    expect(await reading).toBe('DEADLINE_EXCEEDED');
    arrive();
    await new Promise((done) => setImmediate(done));
    expect(bytes.every((byte) => byte === 0)).toBe(true);
  });

  test('of a kind that the configuration has no place for can’t be had', async () => {
    const locators = ['aws:acme', 'azure:acme'];
    for (const locator of locators)
      expect(await codeOf(reader(place(Buffer.from('x')))({ ...entry, locator }, String, never()))).toBe(
        'CREDENTIAL_UNAVAILABLE',
      );
  });
});

describe('inv08 markers in a credential', () => {
  const key = `-----BEGIN PRIVATE KEY-----\n${MARKER}\n-----END PRIVATE KEY-----\n`;
  test.each([
    ['text', MARKER],
    ['JSON of another form', JSON.stringify({ accessKeyId: MARKER, secretAccessKey: MARKER, other: MARKER })],
    ['JSON that ends early', `{"accessKeyId": "${MARKER}", "secretAccessKey": "${MARKER}`],
    ['a client secret with more beside it', JSON.stringify({ clientSecret: MARKER, other: MARKER })],
    ['a private key that isn’t one', key],
    ['two private keys', `${key}${key}`],
    ['a token', `eyJ${MARKER}.eyJ${MARKER}.${MARKER}`],
  ])('%s: none is left in failures, records, logs', async (_, text) => {
    const folder = new Folder();
    folder.write('acme.json', text);
    const seen: unknown[] = [];
    const logger = { info: (...said: unknown[]) => void seen.push(said) };
    const counter = { inc: (labels: unknown) => void seen.push(labels) };
    const places = { file: mountedFiles(folder.path), aws: null, azure: null };
    const read = credentialReader({ places, clock: Date.now, observe: observing(logger, counter) });
    const parses: ((text: string) => unknown)[] = [awsCredentialsOf, appCredentialOf];
    for (const parse of parses)
      await read(entry, parse, never()).catch((failure: unknown) => seen.push(failure));
    folder.remove();
    expect(seen).toContainEqual(expect.objectContaining({ code: 'CREDENTIAL_UNAVAILABLE' }));
    const everything = inspect(seen, { depth: null, showHidden: true, maxStringLength: null });
    expect(everything).not.toContain(MARKER);
    expect(everything).not.toContain(folder.path);
  });
});

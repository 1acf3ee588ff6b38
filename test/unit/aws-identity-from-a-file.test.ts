import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileIdentity } from '../../providers/credentials/aws';

const good = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'a'.repeat(40) };

describe('an identity from a mounted file', () => {
  let dir = '';
  let path = '';
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'smsk-identity-'));
    path = join(dir, 'aws.json');
  });
  afterEach(() => rm(dir, { recursive: true }));

  test('a rotated file counts at the next asking', async () => {
    const identity = fileIdentity(path);
    await writeFile(path, JSON.stringify(good));
    expect(await identity()).toEqual(good);
    const rotated = { ...good, accessKeyId: 'AKIAI44QH8DHBEXAMPLE', sessionToken: 'token' };
    await writeFile(path, JSON.stringify(rotated));
    expect(await identity({ refresh: false })).toEqual(rotated);
  });

  test.each([
    '',
    'not JSON',
    '{}',
    JSON.stringify({ ...good, extra: 1 }),
    JSON.stringify({ ...good, accessKeyId: 'x' }),
  ])('a file that holds %p is refused without a word of it', async (content) => {
    await writeFile(path, content);
    await expect(fileIdentity(path)()).rejects.toThrow(/^the AWS credentials file is not of its form$/);
  });
});

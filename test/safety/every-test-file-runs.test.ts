import { readdirSync } from 'node:fs';
import { join, sep } from 'node:path';
import { root } from '../../scripts/testing/root';

interface Config {
  default: { projects: { testMatch: string[] }[] };
}

// A test outside the folders that jest.config.mjs names would never run, and nobody would notice.
test('every test file lies in a folder that some kind of test takes', async () => {
  const { default: config }: Config = await import(join(root, 'jest.config.mjs'));
  const taken = config.projects.flatMap(({ testMatch }) =>
    testMatch.map((pattern) => pattern.replace('<rootDir>/', '').replace('**/*.test.ts', '')),
  );
  const files = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
    .map((file) => `test/${file.split(sep).join('/')}`)
    .filter((file) => /\.(test|spec)\.[jt]sx?$/.test(file));
  const runs = (file: string) => file.endsWith('.test.ts') && taken.some((folder) => file.startsWith(folder));
  expect(files.length).toBeGreaterThan(0);
  expect(files.filter((file) => !runs(file))).toEqual([]);
});

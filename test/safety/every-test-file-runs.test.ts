import { readdirSync } from 'node:fs';
import { join, sep } from 'node:path';
import { root } from '../../scripts/testing/root';

interface Config {
  default: { projects: { testMatch: string[] }[] };
}

// The folders named here are those of jest.config.mjs: a test elsewhere would never run, and nobody would notice.
test('every test file lies in a folder that some kind of test takes', async () => {
  const { default: config }: Config = await import(join(root, 'jest.config.mjs'));
  };
  const taken = config.projects.flatMap(({ testMatch }) =>
    testMatch.map((pattern) => pattern.replace('<rootDir>/', '').replace('/**/*.test.ts', '')),
  );
  const files = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
    .map((file) => `test/${file.split(sep).join('/')}`)
    .filter((file) => /\.(test|spec)\.[jt]sx?$/.test(file));
  expect(files.length).toBeGreaterThan(0);
  expect(
    files.filter(
      (file) => !file.endsWith('.test.ts') || !taken.some((folder) => file.startsWith(`${folder}/`)),
    ),
  ).toEqual([]);
});

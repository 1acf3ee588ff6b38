import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(__dirname, '..', '..');
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => file !== '' && existsSync(join(root, file)));
const read = (file: string): string => readFileSync(join(root, file), 'utf8');
const source = files.filter((file) => /\.(ts|mts|mjs|cjs)$/.test(file) && !file.startsWith('test/'));
const PRODUCT = [
  'domain',
  'workflows',
  'activities',
  'workers',
  'ledger',
  'providers',
  'cipher',
  'authority',
  'store',
  'runtime',
  'api',
  'cli',
];
const product = source.filter((file) => PRODUCT.includes(file.split('/')[0] ?? ''));

/** Files in which a line matches, with the line. */
function found(among: readonly string[], pattern: RegExp): string[] {
  return among.flatMap((file) =>
    read(file)
      .split('\n')
      .flatMap((line, at) => (pattern.test(line) ? [`${file}:${at + 1}: ${line.trim()}`] : [])),
  );
}

describe('rules of this codebase (docs/RULES.md)', () => {
  test('there is product code to judge', () => expect(product.length).toBeGreaterThan(100));

  test('R9: the environment is read in runtime/ and cli/environment.ts only', () => {
    const elsewhere = product.filter((file) => !file.startsWith('runtime/') && file !== 'cli/environment.ts');
    expect(found(elsewhere, /process\.env\b/)).toEqual([]);
  });

  test('R10: product code never imports the emulators', () => {
    expect(found(product, /from '.*emulators\//)).toEqual([]);
  });

  test('R8: nothing that leaves an activity carries a cause', () => {
    expect(
      found(
        product.filter((file) => file.startsWith('activities/')),
        /\bcause\s*:/,
      ),
    ).toEqual([]);
  });

  test('R15: no file over 400 lines, no drawer for odds and ends', () => {
    const long = files.filter((file) => /\.(ts|md|mjs)$/.test(file) && read(file).split('\n').length > 401);
    expect(long).toEqual([]);
    expect(files.filter((file) => /(^|\/)(utils?|helpers?|common|misc)(\.|\/)/.test(file))).toEqual([]);
  });

  test('R3: no check is switched off', () => {
    expect(found(source, /@ts-ignore|@ts-nocheck|@ts-expect-error/)).toEqual([]);
    expect(found(product, /eslint-disable|biome-ignore/)).toEqual([]);
  });

  test('nothing is unfinished: no marks of it, no skipped test', () => {
    const marks = new RegExp(
      `\\b(${['TO', 'DO'].join('')}|${['FIX', 'ME'].join('')}|${['not', 'implemented'].join(' ')})\\b`,
    );
    expect(found(source, marks)).toEqual([]);
    // One place may skip a group, by name, where what it needs isn't on the machine: `optional`.
    const tests = files.filter(
      (file) =>
        file.startsWith('test/') &&
        file.endsWith('.ts') &&
        !file.includes('safety/') &&
        file !== 'test/harness/optional.ts',
    );
    expect(found(tests, /\b(it|test|describe)\.(skip|only|todo)\b|\bx(it|describe)\(/)).toEqual([]);
  });

  test('R18: every dependency has its line in docs/DEPENDENCIES.md, and the versions are exact', () => {
    const { dependencies, devDependencies } = JSON.parse(read('package.json')) as Record<
      string,
      Record<string, string>
    >;
    const all = { ...dependencies, ...devDependencies };
    const lines = read('docs/DEPENDENCIES.md');
    const unexplained = Object.keys(all).filter((name) => {
      const short = name.startsWith('@temporalio/') ? name.slice('@temporalio/'.length) : name;
      return !lines.includes(`\`${name}\``) && !lines.includes(`\`${short}\``);
    });
    expect(unexplained).toEqual([]);
    expect(Object.entries(all).filter(([, version]) => !/^\d+\.\d+\.\d+/.test(version))).toEqual([]);
    expect(read('.npmrc')).toContain('ignore-scripts=true');
  });

  test('the import wall names every folder of the product', () => {
    const wall = read('.dependency-cruiser.cjs');
    for (const folder of PRODUCT) expect(wall).toMatch(new RegExp(`^ {2}${folder}: \\{`, 'm'));
  });
});

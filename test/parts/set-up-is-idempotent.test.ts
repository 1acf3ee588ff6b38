import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from '../../scripts/testing/root';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'set-up-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const setUp = (file: string) => join(root, 'scripts', 'setup', file);

/** Set-up is plain modules that run before any package is there; so they're run as such. */
function evaluate(expression: string, file: string, env: NodeJS.ProcessEnv = process.env): unknown {
  const code = `const m = await import(${JSON.stringify(pathToFileURL(setUp(file)).href)});
    console.log(JSON.stringify(await (${expression})))`;
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--input-type=module', '-e', code], {
    encoding: 'utf8',
    env,
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

describe('node_modules is current', () => {
  const a = { version: '1.0.0', integrity: 'sha512-a' };
  const other = { version: '1.0.0', integrity: 'sha512-other', optional: true };
  const wanted = { '': {}, 'node_modules/a': a, 'node_modules/for-another-platform': other };

  test.each([
    ['when what is wanted is installed', { 'node_modules/a': a }, true],
    ['not when a package is missing', {}, false],
    ['not when a version differs', { 'node_modules/a': { ...a, version: '1.0.1' } }, false],
    ['not when the content differs', { 'node_modules/a': { ...a, integrity: 'sha512-b' } }, false],
    ['not when there is one too many', { 'node_modules/a': a, 'node_modules/b': a }, false],
  ])('%s', (_, installed, expected) => {
    mkdirSync(join(folder, 'node_modules'));
    writeFileSync(join(folder, 'package-lock.json'), JSON.stringify({ packages: wanted }));
    writeFileSync(
      join(folder, 'node_modules', '.package-lock.json'),
      JSON.stringify({ packages: installed }),
    );
    expect(evaluate(`m.isCurrent(${JSON.stringify(folder)})`, 'node-modules.mjs')).toBe(expected);
  });

  test('not when nothing is installed', () => {
    writeFileSync(join(folder, 'package-lock.json'), JSON.stringify({ packages: wanted }));
    expect(evaluate(`m.isCurrent(${JSON.stringify(folder)})`, 'node-modules.mjs')).toBe(false);
  });
});

describe('Temporal', () => {
  /** A clone with nothing in its cache: a copy of the set-up alone. */
  function bareClone(): string {
    const scripts = join(folder, 'clone', 'scripts', 'setup');
    mkdirSync(scripts, { recursive: true });
    for (const file of readdirSync(setUp(''))) writeFileSync(join(scripts, file), readFileSync(setUp(file)));
    return join(scripts, 'temporal.mjs');
  }

  function program(name: string, script: string): void {
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, name), 0o755);
  }

  const find = (script: string) =>
    spawnSync(process.execPath, [script], { encoding: 'utf8', env: { PATH: `${folder}:/nowhere` } });

  test('without Python it says what is missing and what else would do', () => {
    const { status, stderr } = find(bareClone());
    expect(status).not.toBe(0);
    expect(stderr).toMatch(
      /could not be fetched[\s\S]*put a "temporal" CLI[\s\S]*Python ≥ 3\.9 with pip is needed/,
    );
  });

  test("pip's refusal of a changed file is passed on, and nothing is left in the cache", () => {
    symlinkSync('/bin/sh', join(folder, 'sh'));
    program(
      'python3',
      'case "$*" in *--version*) exit 0;; esac; echo "THESE PACKAGES DO NOT MATCH THE HASHES" >&2; exit 1',
    );
    const { status, stderr } = find(bareClone());
    expect(status).not.toBe(0);
    expect(stderr).toContain('DO NOT MATCH THE HASHES');
    expect(readdirSync(join(folder, 'clone', '.smsk', 'cache'))).toEqual([]);
  });

  test.each([
    ['99.0.0', true],
    ['1.0.0', false],
  ])('a temporal %s on PATH is used: %s', (version, used) => {
    program('temporal', `echo "temporal version ${version} (Server 1.32.0)"`);
    program('python3', 'case "$*" in *--version*) exit 0;; esac; echo "asked for: $PATH" >&2; exit 1');
    const script = bareClone();
    const testServer = join(folder, 'clone/.smsk/cache/temporal-test-server-1.40.0');
    mkdirSync(testServer, { recursive: true });
    writeFileSync(join(testServer, 'temporal-test-server'), '');
    const { status, stdout } = find(script);
    expect(status === 0).toBe(used);
    if (used) expect(JSON.parse(stdout)).toMatchObject({ temporal: 'temporal' });
  });
});

test('running it again does nothing and says nothing', () => {
  const run = () => spawnSync(process.execPath, [setUp('main.mjs')], { encoding: 'utf8' });
  run();
  expect(run()).toMatchObject({ status: 0, stdout: '', stderr: '' });
});

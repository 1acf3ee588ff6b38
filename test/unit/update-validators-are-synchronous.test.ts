import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { updates } from '../../workflows/contract';
import { onUpdate } from '../../workflows/on-update';

const ROOT = join(__dirname, '../..');

it('an async validator doesn’t compile: the server never awaits one, so it would accept everything', () => {
  const wrong = () =>
    onUpdate(updates.cancel, {
      description: 'never registered',
      // @ts-expect-error a promise is no refusal
      validate: async () => null,
      handle: () => Promise.reject(new Error('never called')),
    });
  expect(wrong).toBeInstanceOf(Function);
});

it('nobody registers an update past onUpdate', () => {
  const files = execFileSync('git', ['ls-files', 'workflows/*.ts', 'workflows/**/*.ts'], { cwd: ROOT })
    .toString()
    .split('\n')
    .filter((file) => file !== '');
  const callers = files.filter((file) =>
    /setHandler\(\s*(updates|def)/.test(readFileSync(join(ROOT, file), 'utf8')),
  );
  expect(callers.filter((file) => file !== 'workflows/on-update.ts')).toEqual([]);
});

import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { leftovers } from '../../scripts/testing/leftovers';
import { sum } from '../../scripts/testing/outcome';
import { optional } from '../harness/optional';

optional('leftovers', process.platform === 'linux' ? null : 'run on Linux', () => {
  test('a process that carries the mark is found while it runs, and no other', async () => {
    const mark = randomUUID();
    const script = 'setInterval(() => {}, 1000)';
    const child = spawn(process.execPath, ['-e', script], {
      stdio: 'ignore',
      env: { ...process.env, SMSK_MARK: mark },
    });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    try {
      expect(leftovers('SMSK_MARK', mark)).toEqual([
        { pid: child.pid, command: `${process.execPath} -e ${script}` },
      ]);
      expect(leftovers('SMSK_MARK', mark.slice(1))).toEqual([]);
    } finally {
      child.kill('SIGKILL');
      await ended;
    }
    expect(leftovers('SMSK_MARK', mark)).toEqual([]);
  });
});

test('counts add up, and nothing is nothing', () => {
  expect(sum([])).toEqual({ passed: 0, failed: 0 });
  expect(
    sum([
      { passed: 2, failed: 1 },
      { passed: 3, failed: 0 },
    ]),
  ).toEqual({ passed: 5, failed: 1 });
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { processIdentity } from '../../scripts/parts/identity';
import { reapOrphans, recordPid } from '../../scripts/parts/orphans';
import { PartNotReady, startPart, stopParts } from '../../scripts/parts/process';
import { waitUntil } from '../../scripts/parts/wait';

let stateDir: string;
beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'supervisor-'));
});
afterEach(() => rmSync(stateDir, { recursive: true, force: true }));

/** A child that says when it's up, by a file, and then runs until it's ended. */
function child(name: string, script = '') {
  const flag = join(stateDir, `${name}.up`);
  return {
    name,
    stateDir,
    command: process.execPath,
    args: [
      '-e',
      `${script}; require('fs').writeFileSync(${JSON.stringify(flag)}, ''); setInterval(() => {}, 1000)`,
    ],
    ready: async () => readFileSync(flag).length === 0,
  };
}

const isGone = (pid: number) => waitUntil(() => processIdentity(pid) === undefined, 10_000);

test('a stopped part is gone, and its record with it', async () => {
  const part = await startPart(child('polite'));
  expect(processIdentity(part.pid)).toContain('polite.up');
  await part.stop();
  expect(processIdentity(part.pid)).toBeUndefined();
  expect(await part.exited).toBe('ended by SIGTERM');
  await part.stop();
  expect(await reapOrphans(stateDir)).toEqual([]);
});

test('a part that ignores the polite signal is killed', async () => {
  const part = await startPart({ ...child('deaf', "process.on('SIGTERM', () => {})"), stopWithinMs: 100 });
  await part.stop();
  expect(await part.exited).toBe('ended by SIGKILL');
});

test('what a part itself has started goes with it', async () => {
  const pidFile = join(stateDir, 'grandchild');
  const part = await startPart(
    child(
      'parent',
      `const c = require('child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
       require('fs').writeFileSync(${JSON.stringify(pidFile)}, String(c.pid))`,
    ),
  );
  const grandchild = Number(readFileSync(pidFile, 'utf8'));
  expect(processIdentity(grandchild)).toBeDefined();
  await part.stop();
  expect(await isGone(grandchild)).toBe(true);
});

test('a part that ends before it is ready says why, with the end of its log', async () => {
  const starting = startPart({ ...child('broken', "console.error('no such luck'); process.exit(3)") });
  await expect(starting).rejects.toThrow(PartNotReady);
  await expect(starting).rejects.toThrow(/broken didn't start: exit code 3\nno such luck/);
});

test('a part that never gets ready is ended at its deadline', async () => {
  const starting = startPart({ ...child('slow'), ready: async () => false, readyWithinMs: 50 });
  await expect(starting).rejects.toThrow(/slow didn't start: not ready after 50 ms/);
});

test('a command that is not there is refused in words', async () => {
  const starting = startPart({ ...child('absent'), command: join(stateDir, 'nothing-here') });
  await expect(starting).rejects.toThrow(/absent didn't start: .*ENOENT/);
});

test('parts are stopped last to first', async () => {
  const order: string[] = [];
  const part = (name: string) => ({
    stop: async () => {
      order.push(name);
    },
  });
  await stopParts([part('database'), part('server'), part('worker')]);
  expect(order).toEqual(['worker', 'server', 'database']);
});

test.each(['SIGKILL', 'SIGTERM', 'SIGINT'] as const)(
  'a part ends when its starter gets %s',
  async (signal) => {
    const pids = join(stateDir, 'pids.txt');
    const script = join(stateDir, 'starter.ts');
    const { command, args } = child('orphan');
    const supervisor = join(__dirname, '..', '..', 'scripts', 'parts', 'process');
    writeFileSync(
      script,
      `import { startPart } from ${JSON.stringify(supervisor)};
     import { existsSync, writeFileSync } from 'node:fs';
     startPart({
       name: 'orphan', stateDir: ${JSON.stringify(stateDir)}, command: ${JSON.stringify(command)},
       args: ${JSON.stringify(args)},
       ready: async () => existsSync(${JSON.stringify(join(stateDir, 'orphan.up'))}),
     }).then((part) => writeFileSync(${JSON.stringify(pids)}, String(part.pid)));`,
    );
    const starter = spawn(process.execPath, ['--import', 'tsx', script], { stdio: 'ignore' });
    const ended = once(starter, 'exit');
    let part = 0;
    await waitUntil(() => {
      part = Number(readFileSync(pids, 'utf8'));
      return part > 0;
    }, 20_000);
    expect(processIdentity(part)).toBeDefined();
    starter.kill(signal);
    await ended;
    expect(await isGone(part)).toBe(true);
  },
);

test('an orphan of an earlier run is ended by its record, its name told', async () => {
  const orphan = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], {
    detached: true,
    stdio: 'ignore',
  });
  const pid = orphan.pid ?? 0;
  recordPid(stateDir, 'worker', pid, 'SIGTERM');
  expect(await reapOrphans(stateDir)).toEqual(['worker']);
  expect(await isGone(pid)).toBe(true);
  expect(await reapOrphans(stateDir)).toEqual([]);
});

test('a stranger who has the recorded pid now is left alone', async () => {
  const stranger = await startPart(child('stranger'));
  try {
    const record = join(stateDir, 'pids', 'stranger.json');
    const recorded = JSON.parse(readFileSync(record, 'utf8')) as { identity: string };
    writeFileSync(record, JSON.stringify({ ...recorded, identity: `${recorded.identity} of long ago` }));
    expect(await reapOrphans(stateDir)).toEqual([]);
    expect(processIdentity(stranger.pid)).toBeDefined();
  } finally {
    await stranger.stop();
  }
});

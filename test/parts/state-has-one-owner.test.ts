import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { recordPid } from '../../scripts/parts/orphans';
import { claimState, removeState, StateInUse } from '../../scripts/parts/state';

let stateDir: string;
beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'state-'));
});
afterEach(() => removeState(stateDir));

test('a claimed folder is refused to a second run until it is released', async () => {
  const claim = await claimState(stateDir);
  await expect(claimState(stateDir)).rejects.toThrow(StateInUse);
  claim.release();
  (await claimState(stateDir)).release();
});

test.each([
  ['a dead owner', JSON.stringify({ pid: 4_194_304, identity: '1 node' })],
  ["a pid that's a stranger's now", JSON.stringify({ pid: process.pid, identity: '1 node' })],
  ['half a record', '{"pid": 1'],
])('%s holds nothing', async (_, owner) => {
  writeFileSync(join(stateDir, 'owner.json'), owner);
  const { release } = await claimState(stateDir);
  await expect(claimState(stateDir)).rejects.toThrow(StateInUse);
  release();
});

test('claiming ends what a killed run left', async () => {
  const orphan = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], {
    detached: true,
    stdio: 'ignore',
  });
  const ended = new Promise((resolve) => orphan.once('exit', (_code, signal) => resolve(signal)));
  recordPid(stateDir, 'worker', orphan.pid ?? 0, 'SIGTERM');
  const { reaped, release } = await claimState(stateDir);
  expect(reaped).toEqual(['worker']);
  expect(await ended).toBe('SIGTERM');
  release();
});

test('removing it leaves nothing', async () => {
  await claimState(stateDir);
  removeState(stateDir);
  expect(existsSync(stateDir)).toBe(false);
});

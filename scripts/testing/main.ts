// The README's test command: every check, then every kind of test, then one line with the count.
import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitUntil } from '../parts/wait';
import { runChecks } from './checks';
import { interrupted } from './interrupted';
import { type JestRun, runJest } from './jest';
import { leftovers } from './leftovers';
import { FAILED, type Outcome, sum } from './outcome';
import { root } from './root';

const MINUTE = 60_000;

const KINDS: readonly JestRun[] = [
  { kind: 'unit', args: ['--maxWorkers', '2'], withinMs: 8 * MINUTE },
  { kind: 'workflow', args: ['--maxWorkers', '2'], withinMs: 12 * MINUTE },
  { kind: 'parts', args: ['--maxWorkers', '2'], withinMs: 10 * MINUTE },
  // Each of these drives a whole system in a database and a namespace of its own, and waits for it half of the time.
  { kind: 'e2e', args: ['--maxWorkers', '2'], withinMs: 20 * MINUTE },
];

const MARK = 'SMSK_TEST_RUN';

async function main(): Promise<void> {
  const signal = interrupted();
  const folder = mkdtempSync(join(tmpdir(), 'smsk-run-'));
  // PostgreSQL may run as another account than ours and has to walk through it.
  chmodSync(folder, 0o711);
  // Whatever a test puts into the temporary folder goes with this one.
  process.env['TMPDIR'] = folder;
  process.env[MARK] = folder;
  const outcomes: Outcome[] = [];
  let tests = 0;
  try {
    outcomes.push(...(await runChecks((name) => existsSync(join(root, name)), signal)));
    for (const run of KINDS) {
      if (signal.aborted) break;
      const outcome = await runJest(run, folder, signal);
      tests += outcome.passed + outcome.failed;
      outcomes.push(outcome, ...(await endLeftovers(folder)));
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  if (tests === 0) {
    console.log('FAIL no test ran');
    outcomes.push(FAILED);
  }
  const { passed, failed } = sum(outcomes);
  if (failed > 0) process.exitCode ||= 1;
  // The last line, in a form that machines read.
  console.log(`${passed} passed, ${failed} failed`);
}

/** A test that leaves a process behind fails, even if each of its assertions held. */
async function endLeftovers(folder: string): Promise<Outcome[]> {
  if (await waitUntil(() => leftovers(MARK, folder).length === 0, 5_000)) return [];
  return leftovers(MARK, folder).map(({ pid, command }) => {
    console.log(`FAIL a test left a process behind: ${pid} ${command}`);
    process.kill(pid, 'SIGKILL');
    return FAILED;
  });
}

void main();

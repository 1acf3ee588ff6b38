import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { waitUntil } from '../parts/wait';
import { runNode } from './foreground';
import { FAILED, type Outcome, sum } from './outcome';
import { root } from './root';

export interface JestRun {
  /** A `displayName` of jest.config.mjs. */
  readonly kind: string;
  readonly args: readonly string[];
  /** Longer than this and it's ended and counted as failed. */
  readonly withinMs: number;
}

/** As jest's `--json` writes it; a suite that couldn't run has no tests, so it counts for itself. */
const Report = z.object({
  numPassedTests: z.number().int(),
  numFailedTests: z.number().int(),
  numRuntimeErrorTestSuites: z.number().int(),
  testResults: z.array(
    z.object({
      assertionResults: z.array(z.object({ status: z.string(), ancestorTitles: z.array(z.string()) })),
    }),
  ),
});
type Report = z.infer<typeof Report>;

/** Groups that were skipped, by their names, which say how to have them run. They count as nothing. */
function sayWhatWasSkipped({ testResults }: Report): void {
  const counts = new Map<string, number>();
  for (const { status, ancestorTitles } of testResults.flatMap((file) => file.assertionResults)) {
    if (status !== 'pending') continue;
    const group = ancestorTitles.join(' › ');
    counts.set(group, (counts.get(group) ?? 0) + 1);
  }
  for (const [group, count] of counts) console.log(`SKIP ${group}: ${count} tests`);
}

/** How long jest may take to end after it has written its report, which it does last. */
const TO_END_MS = 20_000;

/**
 * Runs one kind of test. Jest is not told to force its exit: a run that doesn't end by itself has left
 * something running, is ended here, and counts as failed beside what its tests came to.
 */
export async function runJest(run: JestRun, folder: string, signal: AbortSignal): Promise<Outcome> {
  const reportFile = join(folder, `${run.kind}.json`);
  const tooLong = new AbortController();
  const stop = () => tooLong.abort();
  signal.addEventListener('abort', stop);
  const deadline = setTimeout(stop, run.withinMs);
  let hasEnded = false;
  const ran = runNode(
    join(root, 'node_modules', 'jest', 'bin', 'jest.js'),
    ['--selectProjects', run.kind, ...run.args, '--passWithNoTests', '--json', '--outputFile', reportFile],
    { signal: tooLong.signal },
  ).finally(() => {
    hasEnded = true;
  });
  const lingers = (async () => {
    await waitUntil(() => hasEnded || existsSync(reportFile), run.withinMs, 200);
    return !(await waitUntil(() => hasEnded, TO_END_MS, 100));
  })();
  if (await lingers) stop();
  const { code } = await ran;
  clearTimeout(deadline);
  signal.removeEventListener('abort', stop);

  const report = existsSync(reportFile)
    ? Report.parse(JSON.parse(readFileSync(reportFile, 'utf8')))
    : undefined;
  if (report === undefined) {
    console.log(
      `FAIL ${run.kind}: jest ended without a report (${code === undefined ? 'killed' : `exit code ${code}`})`,
    );
    return FAILED;
  }
  sayWhatWasSkipped(report);
  const { numPassedTests: passed, numFailedTests, numRuntimeErrorTestSuites } = report;
  const outcome = { passed, failed: numFailedTests + numRuntimeErrorTestSuites };
  if (signal.aborted) return outcome;
  if (tooLong.signal.aborted) {
    console.log(`FAIL ${run.kind}: jest did not end by itself; a test left something running`);
    return sum([outcome, FAILED]);
  }
  // Jest fails also for reasons that are no test's, such as its teardown.
  return code !== 0 && outcome.failed === 0 ? sum([outcome, FAILED]) : outcome;
}

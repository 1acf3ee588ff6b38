// npm run bench: every benchmark beside its reference; docs/BENCHMARKS.md says what each line means.
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { withProgress } from '../../scripts/parts/progress';
import { activationBench, azureActivationBench } from './activation.bench';
import { appendBench } from './append.bench';
import { awsCipherBench, azureCipherBench } from './cipher.bench';
import { contentBench } from './content.bench';
import { Interrupted } from './folder';
import { hangingBench } from './hanging.bench';
import { incidentBench } from './incident.bench';
import { ledgerVerifyBench } from './ledger.bench';
import { reconcileBench } from './reconcile.bench';
import type { BenchResult } from './result';
import { sweepBench } from './sweep.bench';
import { jsonOf, tableOf } from './table';

/** The quiet ones first: nothing they are measured beside has left garbage yet. */
const BENCHES: Readonly<Record<string, () => Promise<BenchResult[]>>> = {
  content: contentBench,
  verify: ledgerVerifyBench,
  reconcile: reconcileBench,
  append: appendBench,
  'cipher-aws': awsCipherBench,
  'cipher-azure': azureCipherBench,
  hanging: hangingBench,
  incident: incidentBench,
  activation: activationBench,
  'activation-azure': azureActivationBench,
  sweep: sweepBench,
};

const USAGE = `npm run bench -- [--json FILE] [--only NAME]...

  --json FILE   also write {"results": [...]}, one object per line of the table
  --only NAME   only these: ${Object.keys(BENCHES).join(', ')}

Exit code 0 if every target is met, 1 if one is missed, 2 for wrong arguments.`;

async function main(): Promise<void> {
  const values = options();
  if (values.help) return console.log(USAGE);
  const unknown = values.only.find((name) => !(name in BENCHES));
  if (unknown !== undefined) throw new UsageError(`there is no benchmark ${unknown}\n\n${USAGE}`);
  const chosen = Object.entries(BENCHES).filter(
    ([name]) => values.only.length === 0 || values.only.includes(name),
  );

  const results: BenchResult[] = [];
  for (const [name, bench] of chosen) {
    results.push(...(await withProgress(say, `measuring ${name}`, bench())));
    // After each, so that an interrupted run has left what it had.
    if (values.json !== undefined) writeFileSync(values.json, jsonOf(results));
  }
  say(`\n${tableOf(results)}`);
  const missed = results.filter(({ ok }) => !ok);
  if (missed.length === 0) return;
  say(`\nmissed: ${missed.map(({ name }) => name).join('; ')}`);
  process.exitCode = 1;
}

/** @throws UsageError */
function options() {
  try {
    return parseArgs({
      options: {
        json: { type: 'string' },
        only: { type: 'string', multiple: true, default: [] },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : 'wrong arguments'}\n\n${USAGE}`);
  }
}

class UsageError extends Error {}

const say = (line: string): void => console.log(line);

main().catch((error: unknown) => {
  if (error instanceof Interrupted) process.exit(130);
  const isUsage = error instanceof UsageError;
  console.error(isUsage ? error.message : error);
  process.exit(isUsage ? 2 : 1);
});

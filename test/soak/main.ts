// npm run soak: mixed traffic with random faults on the real parts; docs/TESTING.md says what it does and demands.
import { parseArgs } from 'node:util';
import { Interrupted } from '../bench/folder';
import { soak } from './soak';

const USAGE = `npm run soak -- [--minutes N] [--seed N]

  --minutes N  how long faults are injected (default 30)
  --seed N     of the faults' order (default: drawn, and printed)

Exit code 0 if nothing was violated, 1 if something was, 2 for wrong arguments.`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '30' },
      seed: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return console.log(USAGE);
  const [minutes, seed] = [Number(values.minutes), Number(values.seed ?? Date.now() % 1_000_000)];
  if (!(minutes > 0) || !Number.isSafeInteger(seed)) throw new TypeError('minutes and seed are numbers');
  const report = await soak({ minutes, seed, say: (line) => console.log(line) });
  console.log(JSON.stringify(report, null, 2));
  if (report.violations.length > 0) process.exitCode = 1;
}

main().catch((error: unknown) => {
  if (error instanceof Interrupted) process.exit(130);
  const isUsage = error instanceof TypeError;
  console.error(isUsage ? `${error.message}\n\n${USAGE}` : error);
  process.exit(isUsage ? 2 : 1);
});

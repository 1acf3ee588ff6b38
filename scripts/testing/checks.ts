import { join } from 'node:path';
import { runNode } from './foreground';
import { FAILED, type Outcome, PASSED } from './outcome';
import { root } from './root';

interface Check {
  readonly name: string;
  readonly script: string;
  readonly args: readonly string[];
}

const bin = (path: string) => join(root, 'node_modules', path);

/** Depcruise takes folders; the wall is drawn around these. */
const FOLDERS = [
  ...['domain', 'workflows', 'activities', 'workers', 'ledger', 'providers', 'cipher', 'authority', 'store'],
  ...['runtime', 'api', 'cli', 'emulators', 'prisma', 'scripts', 'test'],
];

const checks = (folders: readonly string[]): readonly Check[] => [
  { name: 'types (tsc)', script: bin('typescript/bin/tsc'), args: ['--noEmit', '--project', '.'] },
  { name: 'format and lint (biome)', script: bin('@biomejs/biome/bin/biome'), args: ['check', '.'] },
  {
    name: 'lint with types (eslint)',
    script: bin('eslint/bin/eslint.js'),
    args: ['.', '--max-warnings', '0'],
  },
  {
    name: 'import wall (dependency-cruiser)',
    script: bin('dependency-cruiser/bin/dependency-cruise.mjs'),
    args: [...folders, '--config', '.dependency-cruiser.cjs'],
  },
];

/** Runs the checks two at a time; each counts as one that passed or failed, and shows its output if it failed. */
export async function runChecks(
  exists: (folder: string) => boolean,
  signal: AbortSignal,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const waiting = [...checks(FOLDERS.filter(exists))];
  const lane = async () => {
    for (let check = waiting.shift(); check !== undefined && !signal.aborted; check = waiting.shift()) {
      let said = '';
      const { code, ms } = await runNode(check.script, check.args, {
        signal,
        collect: (text) => {
          said += text;
        },
      });
      console.log(`${code === 0 ? 'PASS' : 'FAIL'} ${check.name} (${(ms / 1000).toFixed(1)} s)`);
      if (code !== 0) console.log(said.trimEnd());
      outcomes.push(code === 0 ? PASSED : FAILED);
    }
  };
  await Promise.all([lane(), lane()]);
  return outcomes;
}

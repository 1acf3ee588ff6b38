import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { runChecks } from './checks';
import { interrupted } from './interrupted';
import { sum } from './outcome';
import { root } from './root';

async function main(): Promise<void> {
  const { failed } = sum(await runChecks((folder) => existsSync(join(root, folder)), interrupted()));
  process.exitCode = failed === 0 ? 0 : 1;
}

void main();

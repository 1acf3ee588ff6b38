// Everything a fresh clone needs before our TypeScript can run. Idempotent; does nothing when all is there.
import { installNodeModules } from './node-modules.mjs';
import { generatePrismaClient } from './prisma-generate.mjs';
import { temporalBinaries } from './temporal.mjs';

const NEEDED = [20, 19];

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < NEEDED[0] || (major === NEEDED[0] && minor < NEEDED[1])) {
  process.stderr.write(`Node ≥ ${NEEDED.join('.')} is needed; this is ${process.versions.node}.\n`);
  process.exit(1);
}
try {
  await installNodeModules();
  await generatePrismaClient();
  await temporalBinaries();
} catch (error) {
  process.stderr.write(`Setting up failed. ${error.message}\n`);
  process.exit(1);
}

import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { run } from './command.mjs';
import { root } from './paths.mjs';

/** Generates the database client into `generated/prisma`, unless schema and generator are those of last time. */
export async function generatePrismaClient() {
  const schema = join(root, 'prisma', 'schema.prisma');
  const stamp = join(root, 'generated', 'prisma', '.generated-from');
  const version = readFileSync(join(root, 'node_modules', 'prisma', 'package.json'), 'utf8');
  const inputs = createHash('sha256').update(version).update(readFileSync(schema)).digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === inputs) return;

  const cli = join(root, 'node_modules', 'prisma', 'build', 'index.js');
  await run(
    'Generating the database client',
    process.execPath,
    [cli, 'generate', '--schema', schema, '--no-hints'],
    {
      cwd: root,
      env: {
        ...process.env,
        // Generating runs no engine, yet Prisma fetches one from the network unless this names an existing program.
        PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
        PRISMA_HIDE_UPDATE_MESSAGE: '1',
        CHECKPOINT_DISABLE: '1',
      },
    },
  );
  writeFileSync(stamp, inputs);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await generatePrismaClient();

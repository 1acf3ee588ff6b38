import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { withEngine } from '../../prisma/engine';
import { type Opened, openStore } from './support/opened';

let opened: Opened;
beforeAll(async () => {
  opened = await openStore();
});
afterAll(() => opened.close());

const schema = readFileSync(join(__dirname, '../../prisma/schema.prisma'), 'utf8');

/** The statements that would make the database what this schema describes. */
async function missing(content: string): Promise<string | null> {
  const { stdout } = await withEngine(opened.ownerUrl, (engine) =>
    engine.diff({
      from: { tag: 'schemaDatasource', files: [{ path: 'schema.prisma', content }], configDir: '' },
      to: { tag: 'schemaDatamodel', files: [{ path: 'schema.prisma', content }] },
      script: true,
      exitCode: null,
      filters: { externalTables: [], externalEnums: [] },
    }),
  );
  return stdout;
}

test('a migrated database is just what the schema describes', async () => {
  expect((await missing(schema))?.trim()).toBe('-- This is an empty migration.');
  const other = schema.replace('model Handoff {', 'model Handoff {\n  forgotten String?');
  expect(await missing(other)).toContain('ADD COLUMN     "forgotten"');
});

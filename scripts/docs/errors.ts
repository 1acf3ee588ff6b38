import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorsPage } from './errors-page';
import { PAGES } from './pages';

const fileOf = (name: string): string => join(__dirname, '../../docs', name);

/** Writes docs/ERRORS.md, and the generated tables of other pages: `node --import tsx scripts/docs/errors.ts` */
writeFileSync(fileOf('ERRORS.md'), errorsPage());
for (const [name, filled] of Object.entries(PAGES))
  writeFileSync(fileOf(name), filled(readFileSync(fileOf(name), 'utf8')));

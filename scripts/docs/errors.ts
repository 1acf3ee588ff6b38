import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorsPage } from './errors-page';

/** Writes docs/ERRORS.md out of the code tables: `node --import tsx scripts/docs/errors.ts` */
writeFileSync(join(__dirname, '../../docs/ERRORS.md'), errorsPage());

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROVIDER_CODES, REQUEST_CODES } from '../../domain/codes';
import { errorsPage } from '../../scripts/docs/errors-page';

const file = readFileSync(join(__dirname, '../../docs/ERRORS.md'), 'utf8');

test('docs/ERRORS.md is what the code tables say (run scripts/docs/errors.ts)', () => {
  expect(file).toBe(errorsPage());
});

test('every code has its row', () => {
  for (const code of [...Object.keys(PROVIDER_CODES), ...Object.keys(REQUEST_CODES)])
    expect(file).toContain(`| \`${code}\` |`);
});

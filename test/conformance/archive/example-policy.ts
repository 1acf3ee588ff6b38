import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The policy that docs/OPERATIONS.md has for our identity at the bucket, as it stands there. */
export function examplePolicy(): object {
  const page = readFileSync(join(__dirname, '../../../docs/OPERATIONS.md'), 'utf8');
  const [, text] = /<!-- policy: publication -->\n```json\n([\s\S]*?)\n```/.exec(page) ?? [];
  if (text === undefined) throw new Error('the manual has no policy of the publication');
  return JSON.parse(text) as object;
}

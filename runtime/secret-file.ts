import { readFileSync, statSync } from 'node:fs';

/**
 * A secret out of its file, without the white space around it.
 * @throws Error for a file that anybody but its owner may read or write.
 */
export function readSecretFile(path: string): string {
  if ((statSync(path).mode & 0o077) !== 0)
    throw new Error(`${path} must be readable by its owner only (chmod 600)`);
  return readFileSync(path, 'utf8').trim();
}

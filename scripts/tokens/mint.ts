import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { sha256OfText } from '../../domain/digest';
import type { Store, TokenRecord } from '../../store';

/** All the database ever has of a token. */
export const tokenDigest = sha256OfText;

/**
 * Mints an API token, stores its digest, and writes the token itself to `file` (mode 0600). A file that holds a
 * token the store knows is left as it is.
 */
export async function mintToken(store: Store, record: TokenRecord, file: string): Promise<string> {
  if (existsSync(file)) {
    const token = readFileSync(file, 'utf8').trim();
    if ((await store.tokenBySha256(tokenDigest(token))) !== null) return token;
  }
  const token = randomBytes(32).toString('base64url');
  await store.addToken({ ...record, sha256: tokenDigest(token) });
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(file, `${token}\n`, { mode: 0o600 });
  chmodSync(file, 0o600);
  return token;
}

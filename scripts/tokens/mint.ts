import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Sha256Hex } from '../../domain/ids';
import type { Store, TokenRecord } from '../../store';

/** SHA-256 of the token's text, hex: all the database ever has of it. */
export const tokenDigest = (token: string): Sha256Hex =>
  createHash('sha256').update(token).digest('hex') as Sha256Hex;

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

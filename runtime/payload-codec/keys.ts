import { createSecretKey, type KeyObject } from 'node:crypto';

/** Keys by their ids. What is sealed from now on names `current`; the others open what was sealed before. */
export interface CodecKeys {
  readonly current: string;
  readonly byId: ReadonlyMap<string, KeyObject>;
}

const KEY_BYTES = 32;

/**
 * @param listed newest first; `secret` is 32 bytes in base64url (or base64).
 * @throws Error that names the key that isn't of its form
 */
export function codecKeys(listed: readonly { readonly id: string; readonly secret: string }[]): CodecKeys {
  const byId = new Map<string, KeyObject>();
  for (const { id, secret } of listed) {
    const bytes = Buffer.from(secret, 'base64url');
    if (bytes.length !== KEY_BYTES) throw new Error(`codec key ${id}: must be 32 bytes in base64url`);
    if (byId.has(id)) throw new Error(`codec key ${id}: is listed twice`);
    byId.set(id, createSecretKey(bytes));
    bytes.fill(0);
  }
  const [first] = listed;
  if (first === undefined) throw new Error('temporal.codec.keys: at least one key');
  return { current: first.id, byId };
}

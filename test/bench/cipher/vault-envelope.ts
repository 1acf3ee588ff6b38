import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { CryptographyClient } from '@azure/keyvault-keys';
import type { Contestant } from './contestant';

const ALGORITHM = 'RSA-OAEP-256';
const [NONCE, TAG] = [12, 16];

/**
 * The least there is to do with Azure's own SDK: a data key wrapped by the vault, AES-256-GCM under it, both in one
 * message. No associated data, no context, no check of which version answered.
 * @param cacheMs how long a data key is used again, and an unwrapped one kept; `null`: one call for each operation
 */
export function vaultEnvelope({
  keys,
  cacheMs,
}: {
  readonly keys: CryptographyClient;
  readonly cacheMs: number | null;
}): Contestant {
  const unwrapped = new Map<string, { readonly key: Uint8Array; readonly untilMs: number }>();
  let current:
    | { readonly key: Uint8Array; readonly wrapped: Uint8Array; readonly untilMs: number }
    | undefined;

  async function dataKey() {
    if (current !== undefined && performance.now() < current.untilMs) {
      await setImmediate();
      return current;
    }
    const key = randomBytes(32);
    const { result } = await keys.wrapKey(ALGORITHM, key);
    const made = { key, wrapped: result, untilMs: performance.now() + (cacheMs ?? 0) };
    if (cacheMs !== null) current = made;
    return made;
  }
  async function opened(wrapped: Uint8Array): Promise<Uint8Array> {
    const name = cacheMs === null ? '' : Buffer.from(wrapped).toString('base64');
    const known = unwrapped.get(name);
    if (known !== undefined && performance.now() < known.untilMs) {
      // Or callers that never wait would keep the event loop, and the measurement's own timer from firing.
      await setImmediate();
      return known.key;
    }
    const { result } = await keys.unwrapKey(ALGORITHM, wrapped);
    if (cacheMs !== null) unwrapped.set(name, { key: result, untilMs: performance.now() + cacheMs });
    return result;
  }

  return {
    encrypt: async (plaintext) => {
      const { key, wrapped } = await dataKey();
      const nonce = randomBytes(NONCE);
      const cipher = createCipheriv('aes-256-gcm', key, nonce);
      const size = Buffer.alloc(2);
      size.writeUInt16BE(wrapped.length);
      return Buffer.concat([
        ...[size, wrapped, nonce, cipher.update(plaintext), cipher.final()],
        cipher.getAuthTag(),
      ]);
    },
    decrypt: async (message) => {
      const bytes = Buffer.from(message);
      const start = 2 + bytes.readUInt16BE(0);
      const key = await opened(bytes.subarray(2, start));
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(start, start + NONCE));
      decipher.setAuthTag(bytes.subarray(-TAG));
      return Buffer.concat([decipher.update(bytes.subarray(start + NONCE, -TAG)), decipher.final()]);
    },
  };
}

import { z } from 'zod';

const base64 = z.string().describe('base64 (RFC 4648 §4)').meta({ contentEncoding: 'base64' });
const context = z
  .record(z.string(), z.string())
  .describe('Bound to the ciphertext: to decrypt, give exactly the same');

const plain = z.strictObject({ plaintext: base64, context });
const encrypted = z.strictObject({ ciphertext: base64, context });
const many = <T extends z.ZodType>(item: T) => z.strictObject({ items: z.array(item).min(1) });

/** One item, or a batch of up to 1,000 and 8 MiB together. */
export const encryptBody = z.union([plain, many(plain)]);
export const decryptBody = z.union([encrypted, many(encrypted)]);

export const encryptedShape = z.union([
  z.object({ ciphertext: base64 }),
  z.object({ items: z.array(z.object({ ciphertext: base64 })) }),
]);
export const decryptedShape = z.union([
  z.object({ plaintext: base64 }),
  z.object({ items: z.array(z.object({ plaintext: base64 })) }),
]);

import { z } from 'zod';
import type { Transport } from './transport';

export type Context = Readonly<Record<string, string>>;

export interface ContentClient {
  encrypt(organization: string, plaintext: Uint8Array, context: Context): Promise<Uint8Array>;
  decrypt(organization: string, ciphertext: Uint8Array, context: Context): Promise<Uint8Array>;
  encryptBatch(
    organization: string,
    items: readonly { readonly plaintext: Uint8Array; readonly context: Context }[],
  ): Promise<Uint8Array[]>;
  decryptBatch(
    organization: string,
    items: readonly { readonly ciphertext: Uint8Array; readonly context: Context }[],
  ): Promise<Uint8Array[]>;
}

const ciphertextAnswer = z.object({ ciphertext: z.string() });
const plaintextAnswer = z.object({ plaintext: z.string() });
const many = <T extends z.ZodType>(item: T) => z.object({ items: z.array(item) });

const encoded = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
const decoded = (text: string): Uint8Array => Buffer.from(text, 'base64');

/** The cipher door with bytes in and bytes out. */
export function contentClient(call: Transport, at: (organization: string) => string): ContentClient {
  const post = <T>(organization: string, door: 'encrypt' | 'decrypt', body: unknown, answer: z.ZodType<T>) =>
    call({ method: 'POST', path: `${at(organization)}/${door}`, body }, answer);
  return {
    async encrypt(organization, plaintext, context) {
      const body = { plaintext: encoded(plaintext), context };
      return decoded((await post(organization, 'encrypt', body, ciphertextAnswer)).ciphertext);
    },
    async decrypt(organization, ciphertext, context) {
      const body = { ciphertext: encoded(ciphertext), context };
      return decoded((await post(organization, 'decrypt', body, plaintextAnswer)).plaintext);
    },
    async encryptBatch(organization, items) {
      const body = {
        items: items.map(({ plaintext, context }) => ({ plaintext: encoded(plaintext), context })),
      };
      const answer = await post(organization, 'encrypt', body, many(ciphertextAnswer));
      return answer.items.map(({ ciphertext }) => decoded(ciphertext));
    },
    async decryptBatch(organization, items) {
      const body = {
        items: items.map(({ ciphertext, context }) => ({ ciphertext: encoded(ciphertext), context })),
      };
      const answer = await post(organization, 'decrypt', body, many(plaintextAnswer));
      return answer.items.map(({ plaintext }) => decoded(plaintext));
    },
  };
}

import { MAX_BATCH_BYTES, MAX_BATCH_ITEMS, MAX_CONTEXT_BYTES } from '../../cipher/limits';
import { Refusal } from '../../domain/failure';
import { callerFor } from '../access';
import { type App, organizationParams, refusals, secured } from '../app';
import { fromBase64, toBase64 } from '../base64';
import type { ApiDeps } from '../deps';
import { decryptBody, decryptedShape, encryptBody, encryptedShape } from '../shapes/content';

/** Room for 1,000 items, 8 MiB of content as base64, and contexts; what is over it is refused unread. */
export const CONTENT_BODY_LIMIT =
  Math.ceil(MAX_BATCH_BYTES / 3) * 4 + MAX_BATCH_ITEMS * 1024 + 8 * MAX_CONTEXT_BYTES + 1024 * 1024;

const tags = ['content'];

/**
 * The cipher's HTTP door. Nothing on this path knows Temporal: with it down, data flows as before. The cipher
 * judges sizes and contexts, and says one event for each operation.
 */
export function contentRoutes(app: App, { cipher }: ApiDeps): void {
  app.post(
    '/organizations/:org/encrypt',
    {
      config: { permission: 'useCipher', isContent: true },
      bodyLimit: CONTENT_BODY_LIMIT,
      schema: {
        operationId: 'encrypt',
        summary: 'Encrypt one item, or a batch of up to 1,000 items and 8 MiB',
        tags,
        security: secured,
        params: organizationParams,
        body: encryptBody,
        response: { 200: encryptedShape, ...refusals },
      },
    },
    async (request) => {
      const { id } = callerFor(request).organization;
      const { body } = request;
      if ('plaintext' in body) {
        const plaintext = fromBase64(body.plaintext, 'body/plaintext');
        return { ciphertext: toBase64(await cipher.encrypt(id, plaintext, body.context)) };
      }
      const items = counted(body.items).map(({ plaintext, context }, index) => ({
        plaintext: fromBase64(plaintext, `body/items/${index}/plaintext`),
        context,
      }));
      const ciphertexts = await cipher.encryptBatch(id, items);
      return { items: ciphertexts.map((bytes) => ({ ciphertext: toBase64(bytes) })) };
    },
  );

  app.post(
    '/organizations/:org/decrypt',
    {
      config: { permission: 'useCipher', whileBehind: true, isContent: true },
      bodyLimit: CONTENT_BODY_LIMIT,
      schema: {
        operationId: 'decrypt',
        summary: 'Decrypt one item, or a batch',
        tags,
        security: secured,
        params: organizationParams,
        body: decryptBody,
        response: { 200: decryptedShape, ...refusals },
      },
    },
    async (request) => {
      const { id } = callerFor(request).organization;
      const { body } = request;
      if ('ciphertext' in body) {
        const ciphertext = fromBase64(body.ciphertext, 'body/ciphertext');
        return { plaintext: toBase64(await cipher.decrypt(id, ciphertext, body.context)) };
      }
      const items = counted(body.items).map(({ ciphertext, context }, index) => ({
        ciphertext: fromBase64(ciphertext, `body/items/${index}/ciphertext`),
        context,
      }));
      const plaintexts = await cipher.decryptBatch(id, items);
      return { items: plaintexts.map((bytes) => ({ plaintext: toBase64(bytes) })) };
    },
  );
}

/** Before anything is decoded. */
function counted<T>(items: readonly T[]): readonly T[] {
  if (items.length > MAX_BATCH_ITEMS) throw new Refusal('INPUT_TOO_LARGE', `${items.length} items`);
  return items;
}

/** What one content operation may carry. Sizes are bytes of plaintext, before the format's overhead. */

const MIB = 1024 * 1024;

export const MAX_ITEM_BYTES = 8 * MIB;
export const MAX_BATCH_ITEMS = 1_000;
/** The sum of a batch's plaintexts. */
export const MAX_BATCH_BYTES = 8 * MIB;
/** The caller's context in its canonical encoding (see `associated-data.ts`). */
export const MAX_CONTEXT_BYTES = 8 * 1024;
/** A context key is 1 to this many printable ASCII characters. */
export const MAX_CONTEXT_KEY_LENGTH = 128;

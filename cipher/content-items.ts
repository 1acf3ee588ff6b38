import { Refusal } from '../domain/failure';
import type { KeyVersion, OrganizationId } from '../domain/ids';
import { associatedData, type ContentContext } from './associated-data';
import { decryptContent, encryptContent, type RandomBytes } from './content';
import { CiphertextRejected, PlaintextOversize } from './content-errors';
import type { ContentOperationKind } from './events';
import { contentRefusalOf } from './failures';
import { OVERHEAD_BYTES, parseCiphertext } from './format';
import { MAX_BATCH_BYTES, MAX_BATCH_ITEMS, MAX_ITEM_BYTES } from './limits';
import type { ContentItem } from './operation';

export interface PlainItem {
  readonly plaintext: Uint8Array;
  readonly context: ContentContext;
}

export interface EncryptedItem {
  readonly ciphertext: Uint8Array;
  readonly context: ContentContext;
}

/**
 * Databases keep versions as 32-bit signed integers: asking for a greater one would be an error of the one read
 * that a whole group shares.
 */
const MAX_STORED_VERSION = 0x7fff_ffff;

/** The context's encoding is checked before the version is known; it depends on the context alone. */
const ANY_VERSION = 1 as KeyVersion;

/** @throws PlaintextOversize, ContextInvalid: before anybody is asked for a key. */
export function encryptItem(
  organization: OrganizationId,
  { plaintext, context }: PlainItem,
  random: RandomBytes,
): ContentItem {
  if (plaintext.length > MAX_ITEM_BYTES) throw new PlaintextOversize(MAX_ITEM_BYTES);
  associatedData(organization, ANY_VERSION, context);
  return {
    asked: 'current',
    bytes: plaintext.length,
    run: (key, version: KeyVersion) => encryptContent(key, organization, version, plaintext, context, random),
  };
}

/**
 * Before anybody is asked for a key.
 * @throws CiphertextMalformed, CiphertextRejected (for a version that can't be), ContextInvalid
 */
export function decryptItem(
  organization: OrganizationId,
  { ciphertext, context }: EncryptedItem,
): ContentItem {
  const { keyVersion } = parseCiphertext(ciphertext);
  if (keyVersion > MAX_STORED_VERSION) throw new CiphertextRejected();
  associatedData(organization, ANY_VERSION, context);
  return {
    asked: keyVersion,
    bytes: ciphertext.length - OVERHEAD_BYTES,
    run: (key, version: KeyVersion) => decryptContent(key, organization, version, ciphertext, context),
  };
}

/**
 * The items of one operation, within the limits of `limits.ts`.
 * @throws Refusal INPUT_INVALID, INPUT_TOO_LARGE, CIPHERTEXT_MALFORMED, naming the item of a batch.
 */
export function sizeChecked<Input>(
  inputs: readonly Input[],
  kind: ContentOperationKind,
  toItem: (input: Input) => ContentItem,
): ContentItem[] {
  const isBatch = kind === 'encrypt-batch' || kind === 'decrypt-batch';
  if (inputs.length === 0) throw new Refusal('INPUT_INVALID', 'a batch has 1 to 1,000 items');
  if (inputs.length > MAX_BATCH_ITEMS) throw new Refusal('INPUT_TOO_LARGE', `${inputs.length} items`);
  let bytes = 0;
  return inputs.map((input, index) => {
    let item: ContentItem;
    try {
      item = toItem(input);
    } catch (error) {
      throw contentRefusalOf(error, isBatch ? `item ${index}` : null);
    }
    bytes += item.bytes;
    if (bytes > MAX_BATCH_BYTES) throw new Refusal('INPUT_TOO_LARGE');
    return item;
  });
}

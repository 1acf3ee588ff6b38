/** One item of content under one workspace key: the format of `format.ts`, bound to `associated-data.ts`. */
import type { KeyVersion, OrganizationId } from '../domain/ids';
import { associatedData, type ContentContext } from './associated-data';
import { CiphertextRejected, PlaintextOversize } from './content-errors';
import { HEADER_BYTES, OVERHEAD_BYTES, parseCiphertext, SEALED_OFFSET, writeHeader } from './format';
import { MAX_ITEM_BYTES } from './limits';
import { XAES_NONCE_BYTES, type XaesKey } from './xaes';

/** A cryptographically secure source: `size` fresh random bytes (`randomBytes` of node:crypto). */
export type RandomBytes = (size: number) => Uint8Array;

/**
 * Encrypts `plaintext` for `organization` under version `keyVersion` of its workspace key.
 * The result is 48 bytes longer than the plaintext.
 * @throws PlaintextOversize, ContextInvalid, KeyDestroyed; RangeError for an impossible key version.
 */
export function encryptContent(
  key: XaesKey,
  organization: OrganizationId,
  keyVersion: KeyVersion,
  plaintext: Uint8Array,
  context: ContentContext,
  random: RandomBytes,
): Buffer {
  if (plaintext.length > MAX_ITEM_BYTES) throw new PlaintextOversize(MAX_ITEM_BYTES);
  const out = Buffer.allocUnsafeSlow(plaintext.length + OVERHEAD_BYTES);
  writeHeader(out, 0, keyVersion);
  const aad = associatedData(organization, keyVersion, context);
  const nonce = random(XAES_NONCE_BYTES);
  out.set(nonce, HEADER_BYTES);
  key.sealInto(out, SEALED_OFFSET, nonce, plaintext, aad);
  return out;
}

/**
 * The inverse: takes what `encryptContent` made for the same organization, key version and context.
 * The plaintext's buffer shares its memory with nothing else, so that the caller may zero it.
 * @throws CiphertextMalformed when the bytes aren't of the format, CiphertextRejected (without detail) when
 * anything at all doesn't match, ContextInvalid, KeyDestroyed.
 */
export function decryptContent(
  key: XaesKey,
  organization: OrganizationId,
  keyVersion: KeyVersion,
  ciphertext: Uint8Array,
  context: ContentContext,
): Buffer {
  const parsed = parseCiphertext(ciphertext);
  if (parsed.keyVersion !== keyVersion) throw new CiphertextRejected();
  const aad = associatedData(organization, keyVersion, context);
  const plaintext = key.open(parsed.nonce, parsed.sealed, aad);
  if (plaintext === undefined) throw new CiphertextRejected();
  return plaintext;
}

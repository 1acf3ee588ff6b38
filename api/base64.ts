import { Refusal } from '../domain/failure';

/**
 * Strict base64 (RFC 4648 §4, with padding): one text for each content.
 * @param field named where it isn't base64. @throws Refusal INPUT_INVALID
 */
export function fromBase64(text: string, field: string): Buffer {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64') !== text)
    throw new Refusal('INPUT_INVALID', `${field}: must be base64 with padding`);
  return bytes;
}

export const toBase64 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');

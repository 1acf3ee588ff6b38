import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { canonicalBytes, type JsonValue } from './canonical';
import type { Sha256Hex } from './ids';

/** SHA-256 of bytes as 64 lower-case hex digits. Pure JavaScript, so that workflows can compute it too. */
export function sha256Hex(bytes: Uint8Array): Sha256Hex {
  return bytesToHex(sha256(bytes)) as Sha256Hex;
}

/** SHA-256 of a text's UTF-8 bytes: of a token, a signed word, a piece of evidence. */
export function sha256OfText(text: string): Sha256Hex {
  return sha256Hex(new TextEncoder().encode(text));
}

/** SHA-256 over the canonical form (RFC 8785) of a JSON value. */
export function digestOf(value: JsonValue): Sha256Hex {
  return sha256Hex(canonicalBytes(value));
}

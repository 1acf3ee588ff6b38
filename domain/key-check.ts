import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { KeyVersion, OrganizationId, Sha256Hex } from './ids';

/**
 * Key check value of a workspace key: HMAC-SHA-256(key, "smsk-check/v1" ‖ 0 ‖ organization ‖ 0 ‖ version), hex.
 * Tells that an unwrap returned the right key without telling anything of it (a PRF output under a 256-bit key).
 */
export function checkValueOf(key: Uint8Array, organization: OrganizationId, version: KeyVersion): Sha256Hex {
  return bytesToHex(
    hmac(sha256, key, utf8ToBytes(`smsk-check/v1\0${organization}\0${version}`)),
  ) as Sha256Hex;
}

import { createHash, timingSafeEqual } from 'node:crypto';
import type { WrapContext } from '../../domain/ports/provider';

/**
 * RSA-OAEP has no associated data, so what is wrapped carries its context with it:
 *
 *     0x01 ‖ SHA-256("smsk-wrap/v1" ‖ 00 ‖ organization ‖ 00 ‖ purpose ‖ 00 ‖ key version) ‖ key
 *
 * with the version in decimal and text in UTF-8. OAEP isn't malleable, so an envelope of another organization,
 * purpose or version opens and is refused. It proves no origin: whoever has the public key can wrap; that is what
 * the signed statement and its key check value are for. With a 32-byte key it is 65 bytes; RSA-2048 takes 190.
 */
const FORMAT = 1;
const HEADER_BYTES = 33;

const digestOf = ({ organization, purpose, keyVersion }: WrapContext): Buffer =>
  createHash('sha256').update(`smsk-wrap/v1\0${organization}\0${purpose}\0${keyVersion}`).digest();

/** What to wrap; the caller zeroes it. */
export function bind(key: Uint8Array, context: WrapContext): Uint8Array {
  const bound = new Uint8Array(HEADER_BYTES + key.length);
  bound[0] = FORMAT;
  bound.set(digestOf(context), 1);
  bound.set(key, HEADER_BYTES);
  return bound;
}

/**
 * The key in what was unwrapped, as a copy, or `null` if it isn't of that context. The digest is compared in
 * constant time. `opened` stays the caller's to zero.
 */
export function keyBoundTo(opened: Uint8Array, context: WrapContext): Uint8Array | null {
  if (opened.length <= HEADER_BYTES || opened[0] !== FORMAT) return null;
  const isSame = timingSafeEqual(opened.subarray(1, HEADER_BYTES), digestOf(context));
  return isSame ? Uint8Array.from(opened.subarray(HEADER_BYTES)) : null;
}

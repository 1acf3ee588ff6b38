import { createPublicKey, hash, verify } from 'node:crypto';
import { toBase64Url } from '../verify/encoding';
import type { VerifySuite } from '../verify/suite';

/** Node's own cryptography: what servers and the command line use. */
export const nodeSuite: VerifySuite = {
  hashInto(input, out, at) {
    // As a string of 32 characters: making a Buffer takes three times as long as the digest itself.
    const digest = hash('sha256', input, 'binary');
    for (let i = 0; i < digest.length; i += 1) out[at + i] = digest.charCodeAt(i);
  },
  async verifyEd25519(publicKey, message, signature) {
    if (publicKey.length !== 32 || signature.length !== 64) return false;
    const jwk = { kty: 'OKP', crv: 'Ed25519', x: toBase64Url(publicKey) };
    return verify(null, message, createPublicKey({ key: jwk, format: 'jwk' }), signature);
  },
};

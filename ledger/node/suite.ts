import { createPublicKey, hash, verify } from 'node:crypto';
import { toBase64Url } from '../verify/encoding';
import { HASH_BYTES, type VerifySuite } from '../verify/suite';

const digest = Buffer.alloc(HASH_BYTES);

/** Node's own cryptography: what servers and the command line use. */
export const nodeSuite: VerifySuite = {
  hashInto(input, out, at) {
    // As a one-byte string: making a Buffer per digest takes three times as long as the digest itself.
    digest.write(hash('sha256', input, 'binary'), 0, HASH_BYTES, 'latin1');
    out.set(digest, at);
  },
  async verifyEd25519(publicKey, message, signature) {
    if (publicKey.length !== 32 || signature.length !== 64) return false;
    const jwk = { kty: 'OKP', crv: 'Ed25519', x: toBase64Url(publicKey) };
    return verify(null, message, createPublicKey({ key: jwk, format: 'jwk' }), signature);
  },
};

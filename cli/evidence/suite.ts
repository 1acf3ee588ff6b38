import { createHash, createPublicKey, verify } from 'node:crypto';
import type { VerifySuite } from '../../ledger/verify';

/** Node's own cryptography; what browsers verify with warns on Node 20 that it's experimental there. */
export const nodeSuite: VerifySuite = {
  hashInto(input, out, at) {
    out.set(createHash('sha256').update(input).digest(), at);
  },
  async verifyEd25519(publicKey, message, signature) {
    if (publicKey.length !== 32 || signature.length !== 64) return false;
    const jwk = { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(publicKey).toString('base64url') };
    return verify(null, message, createPublicKey({ key: jwk, format: 'jwk' }), signature);
  },
};

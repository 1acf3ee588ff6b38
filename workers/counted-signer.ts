import type { Signer } from '../domain/ports/signer';
import type { SignerMetrics } from '../runtime/signer-metrics';

/** The signer, with what it has signed counted. */
export const countedSigner = (signer: Signer, { signatures }: Pick<SignerMetrics, 'signatures'>): Signer => ({
  signCheckpoint: async (request) => {
    const note = await signer.signCheckpoint(request);
    signatures.inc({ kind: 'checkpoint' });
    return note;
  },
  signStatement: async (kind, statement) => {
    const jws = await signer.signStatement(kind, statement);
    signatures.inc({ kind });
    return jws;
  },
  lastHead: (origin) => signer.lastHead(origin),
  lastHeads: (origins) => signer.lastHeads(origins),
  epochFloor: (organization) => signer.epochFloor(organization),
  raiseEpochFloor: (custodyStatement) => signer.raiseEpochFloor(custodyStatement),
  keys: () => signer.keys(),
});

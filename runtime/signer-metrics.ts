import { Counter, collectDefaultMetrics, Registry } from 'prom-client';

/** Of the signer process; names are stable and documented in `docs/ARCHITECTURE.md`. */
export function createSignerMetrics() {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  return {
    registry,
    signatures: new Counter({
      name: 'smsk_signatures_total',
      help: 'Signatures given, by what was signed: a checkpoint, or a statement of a kind.',
      labelNames: ['kind'] as const,
      registers,
    }),
    refusals: new Counter({
      name: 'smsk_signer_refusals_total',
      help: 'Requests to the signer that were refused, by code.',
      labelNames: ['code'] as const,
      registers,
    }),
  };
}
export type SignerMetrics = ReturnType<typeof createSignerMetrics>;

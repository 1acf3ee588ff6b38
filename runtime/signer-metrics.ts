import { Counter, collectDefaultMetrics, Registry } from 'prom-client';

/**
 * Of the signer process; names are stable and documented in `docs/ARCHITECTURE.md`.
 * @param codes of refusals: each is there from the start on, with 0, so that the first one is an increase too
 */
export function createSignerMetrics(codes: readonly string[]) {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const refusals = new Counter({
    name: 'smsk_signer_refusals_total',
    help: 'Requests to the signer that were refused, by code.',
    labelNames: ['code'] as const,
    registers,
  });
  for (const code of codes) refusals.inc({ code }, 0);
  return {
    registry,
    signatures: new Counter({
      name: 'smsk_signatures_total',
      help: 'Signatures given, by what was signed: a checkpoint, or a statement of a kind.',
      labelNames: ['kind'] as const,
      registers,
    }),
    refusals,
  };
}
export type SignerMetrics = ReturnType<typeof createSignerMetrics>;

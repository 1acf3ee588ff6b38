import { z } from 'zod';

export const healthShape = z.object({ status: z.literal('alive') });
export const readyShape = z.object({
  status: z
    .enum(['ready', 'degraded'])
    .describe('degraded: content is served, and workflows can’t be reached or a ledger is behind'),
  parts: z.object({
    database: z.literal('ok'),
    signer: z.literal('ok'),
    temporal: z.enum(['ok', 'unreachable']),
    ledgers: z.enum(['ok', 'behind']).describe('behind: one doesn’t continue what was signed'),
  }),
});
export type Ready = z.infer<typeof readyShape>;

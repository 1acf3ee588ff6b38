import { z } from 'zod';

export const healthShape = z.object({ status: z.literal('alive') });
export const readyShape = z.object({
  status: z.enum(['ready', 'degraded']).describe('degraded: content is served, workflows can’t be reached'),
  parts: z.object({
    database: z.literal('ok'),
    signer: z.literal('ok'),
    temporal: z.enum(['ok', 'unreachable']),
  }),
});
export type Ready = z.infer<typeof readyShape>;

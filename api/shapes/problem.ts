import { z } from 'zod';

/** An error as it's answered: `application/problem+json`, RFC 9457. */
export const problemShape = z
  .object({
    type: z.string().describe('urn:smsk:problem: and the code'),
    title: z.string(),
    status: z.int(),
    code: z.string().describe('Stable; see docs/ERRORS.md'),
    text: z.string().describe('What happened'),
    effect: z.string().describe('What it does to the organization’s data'),
    remedy: z.string().describe('What to do about it'),
    detail: z.string().optional().describe('What exactly: the field, the date, the digest'),
    reference: z.string().describe('This request, for support'),
    providerCode: z.string().optional().describe('Why the key’s provider couldn’t be used'),
    providerRequestId: z
      .string()
      .nullable()
      .optional()
      .describe('The call, for a search in the provider’s log'),
  })
  .meta({ id: 'Problem' });
export type Problem = z.infer<typeof problemShape>;

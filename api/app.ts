import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { problemShape } from './shapes/problem';

/** A Fastify instance whose requests and answers are typed by their zod schemas. */
export type App = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>;

const problem = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: problemShape } },
});

/** The answers every route shares, for its `response` schema. */
export const refusals = {
  '4xx': problem('Refused: the problem says what happened and what to mend'),
  '5xx': problem('Failed, or not available now'),
} as const;

/**
 * The organization of a route. Its grammar is judged where the organization is looked up: a name that can't be
 * is answered as one that isn't.
 */
export const organizationParams = z.object({ org: z.string().describe('The organization’s name') });

export const secured = [{ token: [] as string[] }];

export const idempotent = z.object({
  'idempotency-key': z
    .string()
    .regex(/^[A-Za-z0-9_-]{16,80}$/, 'must be 16 to 80 letters, digits, _ or -, minted for each user action')
    .describe('Minted for each user action; repeating a request with it has no second effect'),
});

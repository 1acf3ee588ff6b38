import type { FastifyReply, FastifyRequest } from 'fastify';
import { Refusal } from '../../domain/failure';

const ALLOWED = {
  'access-control-allow-methods': 'POST',
  'access-control-allow-headers': 'authorization, content-type, x-namespace',
  'access-control-max-age': '600',
} as const;

/**
 * Lets pages of these origins, and no others, use a route with the reader's cookies (Fetch §3.2). A request that names
 * another origin is refused rather than answered unreadably: it comes from a page nobody here has heard of.
 * @throws Refusal FORBIDDEN
 */
export function allowOrigins(origins: ReadonlySet<string>) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    reply.header('vary', 'Origin');
    const { origin } = request.headers;
    if (origin === undefined) return;
    if (!origins.has(origin))
      throw new Refusal(
        'FORBIDDEN',
        'origin: isn’t that of a Web UI in temporal.uiUrl or temporal.codec.uiOrigins',
      );
    reply.header('access-control-allow-origin', origin).header('access-control-allow-credentials', 'true');
    if (request.method === 'OPTIONS') await reply.headers(ALLOWED).code(204).send();
  };
}

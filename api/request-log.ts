import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Logger } from '../runtime/logging';
import type { Metrics } from '../runtime/metrics';
import type { Problem } from './shapes/problem';

declare module 'fastify' {
  interface FastifyRequest {
    /** What the request was refused with, for its log event. */
    refused: Problem | null;
  }
}

/** Health and scrapes are asked every few seconds; they say nothing unless they fail. */
const QUIET = new Set(['/healthz', '/readyz', '/metrics']);

/**
 * One log event per request, on every path: answered, refused, or left by a client that hung up. Names of routes,
 * organizations and callers only: never a body, a header or a query.
 */
export function logRequests(app: FastifyInstance, logger: Logger, metrics: Metrics): void {
  app.decorateRequest('refused', null);
  app.addHook('onRequest', (request, reply, done) => {
    let isLogged = false;
    const log = () => {
      if (isLogged) return;
      isLogged = true;
      const { refused } = request;
      if (refused !== null) metrics.refusals.inc({ code: refused.code });
      const route = request.routeOptions.url ?? 'unknown';
      if (QUIET.has(route) && refused === null) return;
      const fields = {
        event: 'api.request',
        reference: request.id,
        ...described(request),
        status: reply.raw.writableFinished ? reply.statusCode : null,
        code: refused?.code ?? (reply.raw.writableFinished ? 'OK' : 'ABANDONED'),
        providerCode: refused?.providerCode ?? null,
        durationMs: Math.round(reply.elapsedTime),
      };
      if (refused !== null && refused.status >= 500) logger.warn(fields, 'request failed');
      else logger.info(fields, 'request');
    };
    reply.raw.once('finish', log);
    reply.raw.once('close', log);
    done();
  });
}

function described(request: FastifyRequest) {
  return {
    method: request.method,
    route: request.routeOptions.url ?? 'unknown',
    organization: request.caller?.organization?.name ?? null,
    actor: request.caller?.actor ?? null,
  };
}

import Fastify, { type FastifyError, type FastifyReply, type FastifyRequest } from 'fastify';
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import { databaseCodeOf } from '../cipher/events';
import { Refusal } from '../domain/failure';
import { admit } from './access';
import type { App } from './app';
import { answerRubbish } from './client-error';
import { codecRoutes } from './codec/routes';
import type { ApiDeps } from './deps';
import { documented } from './openapi';
import { problemOf } from './problem';
import { refuseKeyMaterial } from './refuse-key-material';
import { logRequests } from './request-log';
import { approverRoutes } from './routes/approvers';
import { auditRoutes } from './routes/audit';
import { contentRoutes } from './routes/content';
import { driftRoutes } from './routes/drift';
import { healthRoutes } from './routes/health';
import { incidentRoutes } from './routes/incidents';
import { ledgerRoutes } from './routes/ledger';
import { maintenanceRoutes } from './routes/maintenance';
import { notifyRoutes } from './routes/notify';
import { operationRoutes } from './routes/operation';
import { orderRoutes } from './routes/orders';
import { organizationRoutes } from './routes/organizations';
import { planRoutes } from './routes/plan';
import { referenceRoutes } from './routes/references';
import { rotationRoutes } from './routes/rotation';
import { startRoutes } from './routes/starts';

/** Bodies of everything but content; a message may have 64 KiB. */
const BODY_LIMIT = 80 * 1024;

/** From a request's first byte to its last. */
const REQUEST_WITHIN_MS = 60_000;
/** Seconds after which it's worth asking again. */
const RETRY_AFTER_S: Partial<Record<string, number>> = {
  OVERLOADED: 1,
  NOT_READY: 5,
  DATABASE_UNAVAILABLE: 5,
};

/**
 * The API as one Fastify instance: pure, listening to nothing. `close()` drains: new requests are answered
 * NOT_READY, those in flight are finished.
 */
export async function buildApi(deps: ApiDeps): Promise<App> {
  const { logger, metrics, settings } = deps;
  const app: App = Fastify({
    logger: false,
    bodyLimit: BODY_LIMIT,
    genReqId: () => deps.uuid(),
    requestIdHeader: false,
    requestTimeout: REQUEST_WITHIN_MS,
    return503OnClosing: false,
    routerOptions: { maxParamLength: 100 },
    frameworkErrors: (error, request, reply) => {
      void refuse(error, request, reply as FastifyReply);
    },
    clientErrorHandler: answerRubbish(deps),
  }).withTypeProvider<ZodTypeProvider>();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);

  function refuse(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const problem = problemOf(error, request.id);
    request.refused = problem;
    if (problem.code === 'INTERNAL')
      logger.error(
        { event: 'api.internal', reference: request.id, err: error },
        'request failed on our side',
      );
    if (problem.code === 'DATABASE_UNAVAILABLE')
      logger.error(
        { event: 'database.unavailable', reference: request.id, databaseCode: databaseCodeOf(error) },
        'the database can’t be reached',
      );
    const retryAfter = RETRY_AFTER_S[problem.code];
    if (retryAfter !== undefined) reply.header('retry-after', String(retryAfter));
    if (problem.status === 401) reply.header('www-authenticate', 'Bearer');
    return reply
      .code(problem.status)
      .type('application/problem+json; charset=utf-8')
      .serializer((body: string) => body)
      .send(JSON.stringify(problem));
  }
  app.setErrorHandler((error: FastifyError, request, reply) => refuse(error, request, reply));
  app.setNotFoundHandler((request, reply) =>
    refuse(new Refusal('INPUT_INVALID', 'url: there is no such route; see /openapi.json'), request, reply),
  );

  app.decorateRequest('caller', null);
  logRequests(app, logger, metrics);
  let isDraining = false;
  app.addHook('preClose', async () => {
    isDraining = true;
  });
  app.addHook('onRequest', async () => {
    if (isDraining) throw new Refusal('NOT_READY', 'stopping');
  });
  // Answers are about keys: no cache on the way keeps one.
  app.addHook('onSend', async (_, reply) => {
    reply.header('cache-control', 'no-store');
    // A connection kept alive would keep the process.
    if (isDraining) reply.header('connection', 'close');
  });

  await documented(app, settings);
  healthRoutes(app, deps);
  await app.register(
    async (v1) => {
      const routes = v1.withTypeProvider<ZodTypeProvider>();
      routes.addHook('onRequest', async (request) => {
        request.caller = await admit(deps, request);
      });
      routes.addHook('preValidation', refuseKeyMaterial(deps));
      organizationRoutes(routes, deps);
      orderRoutes(routes, deps);
      approverRoutes(routes, deps);
      referenceRoutes(routes, deps);
      startRoutes(routes, deps);
      operationRoutes(routes, deps);
      incidentRoutes(routes, deps);
      rotationRoutes(routes, deps);
      planRoutes(routes, deps);
      ledgerRoutes(routes, deps);
      notifyRoutes(routes, deps);
      maintenanceRoutes(routes, deps);
      driftRoutes(routes, deps);
      auditRoutes(routes, deps);
      contentRoutes(routes, deps);
    },
    { prefix: '/v1' },
  );
  await app.register(async (scope) => codecRoutes(scope.withTypeProvider<ZodTypeProvider>(), deps), {
    prefix: '/codec',
  });
  await app.ready();
  return app;
}

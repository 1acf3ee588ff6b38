import type { preValidationAsyncHookHandler } from 'fastify';
import { z } from 'zod';
import { Refusal } from '../../domain/failure';
import { jws } from '../../domain/intake/fields';
import { callerFor } from '../access';
import { type App, idempotent, organizationParams, refusals, secured } from '../app';
import type { ApiDeps } from '../deps';
import { send } from '../send';
import { acceptedShape } from '../shapes/operation';
import { messageBodies, messageRoutes } from './messages';

const tags = ['operation'];

/** Messages to the open operation, whatever its kind. */
export function operationRoutes(app: App, deps: ApiDeps): void {
  for (const [action, path, summary, subject] of messageRoutes) {
    const schema = {
      operationId: action,
      summary,
      tags,
      security: secured,
      params: organizationParams,
      headers: idempotent,
      body: messageBodies[action] as z.ZodType<Record<string, unknown>>,
      response: { 202: acceptedShape, ...refusals },
    };
    const explicit = action === 'launchDryRun' ? [dryRunIsExplicit] : [];
    app.post(
      `/organizations/:org/operation/${path}`,
      {
        config: { permission: action, about: subject },
        preValidation: explicit,
        schema,
      },
      async (request, reply) => {
        const accepted = await send(deps, callerFor(request), {
          action,
          payload: request.body,
          idempotencyKey: request.headers['idempotency-key'],
          delivery: 'update',
        });
        reply.code(202).header('location', accepted.operation);
        return accepted;
      },
    );
  }

  app.post(
    '/organizations/:org/operation/approval',
    {
      config: { permission: 'approve', about: 'approval', judged: { 'evidence/jws': jws } },
      schema: {
        operationId: 'decide',
        summary: 'Approve or reject the plan with the customer’s signature over its digest',
        tags,
        security: secured,
        params: organizationParams,
        querystring: z.object({
          durable: z
            .literal('signal')
            .optional()
            .describe('Store the decision even while no worker is up; what comes of it is in the status'),
        }),
        headers: idempotent,
        body: messageBodies.approval,
        response: { 202: acceptedShape, ...refusals },
      },
    },
    async (request, reply) => {
      const { decision, ...payload } = request.body;
      const accepted = await send(deps, callerFor(request), {
        action: decision,
        payload,
        idempotencyKey: request.headers['idempotency-key'],
        delivery: request.query.durable === 'signal' ? 'signal' : 'update',
      });
      reply.code(202).header('location', accepted.operation);
      return accepted;
    },
  );
}

/** There's no default: a dry-run that wasn't asked for in so many words isn't launched. */
const dryRunIsExplicit: preValidationAsyncHookHandler = async (request) => {
  const { dryRun } = (request.body ?? {}) as { dryRun?: unknown };
  if (dryRun !== true) throw new Refusal('DRY_RUN_NOT_EXPLICIT');
};

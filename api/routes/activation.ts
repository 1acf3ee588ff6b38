import type { preValidationAsyncHookHandler } from 'fastify';
import { z } from 'zod';
import { Refusal } from '../../domain/failure';
import { jws } from '../../domain/intake/fields';
import { callerFor } from '../access';
import { type App, idempotent, organizationParams, refusals, secured } from '../app';
import type { ApiDeps } from '../deps';
import { send } from '../send';
import { acceptedShape, startedShape } from '../shapes/activation';
import { signedBy } from '../sign';
import { messageBodies, messageRoutes } from './messages';

const tags = ['activation'];

export function activationRoutes(app: App, deps: ApiDeps): void {
  const { store, messenger, settings } = deps;

  app.post(
    '/organizations/:org/activation',
    {
      config: { permission: 'startActivation', about: 'entitlement' },
      schema: {
        operationId: 'startActivation',
        summary: 'Start the activation of a customer-held key',
        tags,
        security: secured,
        params: organizationParams,
        response: { 202: startedShape, ...refusals },
      },
    },
    async (request, reply) => {
      const { organization, ...caller } = callerFor(request);
      const { name } = organization;
      const status = await store.status(name);
      // One that seals may have lost its run: another takes it over, and does nothing where it hasn't.
      const isActive = status?.custody?.custody === 'customer' && !status.custody.sealing;
      if (isActive) throw new Refusal('ALREADY_ACTIVE');
      const input = await signedBy(deps, { ...caller, organization }, name, 'startActivation', {
        organization: name,
      });
      await messenger.startActivation(input);
      const url = `${settings.url}/v1/organizations/${name}/status`;
      reply.code(202).header('location', url);
      return { organization: name, status: url };
    },
  );

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
      `/organizations/:org/activation/${path}`,
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
    '/organizations/:org/activation/approval',
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

import { z } from 'zod';
import type { EndpointId } from '../../domain/ids';
import { endpointId } from '../../domain/intake/fields';
import { findKeyMaterial } from '../../domain/intake/key-material';
import { webhookUrl, wordsOfUrl } from '../../domain/webhook';
import { callerFor } from '../access';
import { type App, organizationParams, refusals, secured } from '../app';
import type { ApiDeps } from '../deps';
import { recordingRefusals } from '../recorded-refusal';
import { refuseFound } from '../refuse-key-material';
import { endpointAddedShape, endpointRemovedShape, endpointsShape } from '../shapes/notices';

export const endpointBody = z.strictObject({ url: webhookUrl });

const tags = ['notices'];

/** Where a customer's machines are told of incidents. */
export function notifyRoutes(app: App, deps: ApiDeps): void {
  const { store, uuid, endpointSecret } = deps;

  app.get(
    '/organizations/:org/notify/webhooks',
    {
      config: { permission: 'readNotices' },
      schema: {
        operationId: 'listEndpoints',
        summary: 'Webhook endpoints that are told of incidents',
        tags,
        security: secured,
        params: organizationParams,
        response: { 200: endpointsShape, ...refusals },
      },
    },
    async (request) => {
      const endpoints = await store.noticeEndpoints(callerFor(request).organization.id);
      return {
        endpoints: endpoints.map(({ endpoint, url, registeredAt }) => ({ endpoint, url, registeredAt })),
      };
    },
  );

  app.post(
    '/organizations/:org/notify/webhooks',
    {
      config: { permission: 'manageEndpoints', about: 'notice' },
      schema: {
        operationId: 'addEndpoint',
        summary: 'Register a webhook endpoint; its signing secret is in the answer, and nowhere else',
        tags,
        security: secured,
        params: organizationParams,
        body: endpointBody,
        response: { 201: endpointAddedShape, ...refusals },
      },
    },
    async (request, reply) => {
      const { organization, actor } = callerFor(request);
      const about = { organization: organization.id, subject: 'notice', actor } as const;
      const endpoint = uuid() as EndpointId;
      const { url } = request.body;
      // Links are let be where people write; this one is kept, and whoever reads the list reads it.
      const found = findKeyMaterial(wordsOfUrl(url), 'body/url');
      if (found !== null) return refuseFound(deps, request, found);
      const { index, at, replayed } = await recordingRefusals(store, about, () =>
        store.commit({
          idempotencyKey: `endpoint/${endpoint}`,
          actor,
          fence: null,
          organization: organization.id,
          change: { type: 'endpoint-registered', endpoint, url },
        }),
      );
      reply.code(201);
      return {
        endpoint,
        url,
        secret: endpointSecret(organization.id, endpoint),
        recorded: { index, at, replayed },
      };
    },
  );

  app.post(
    '/organizations/:org/notify/webhooks/:endpoint/removal',
    {
      config: { permission: 'manageEndpoints', about: 'notice' },
      schema: {
        operationId: 'removeEndpoint',
        summary: 'Remove a webhook endpoint: nothing more is sent there',
        tags,
        security: secured,
        params: organizationParams.extend({ endpoint: endpointId }),
        response: { 201: endpointRemovedShape, ...refusals },
      },
    },
    async (request, reply) => {
      const { organization, actor } = callerFor(request);
      const { endpoint } = request.params;
      const about = { organization: organization.id, subject: 'notice', actor } as const;
      const { index, at, replayed } = await recordingRefusals(store, about, () =>
        store.commit({
          idempotencyKey: `endpoint/${endpoint}/removal`,
          actor,
          fence: null,
          organization: organization.id,
          change: { type: 'endpoint-removed', endpoint },
        }),
      );
      reply.code(201);
      return { endpoint, recorded: { index, at, replayed } };
    },
  );
}

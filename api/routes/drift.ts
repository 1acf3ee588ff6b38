import { Refusal } from '../../domain/failure';
import { callerFor } from '../access';
import { type App, organizationParams, refusals, secured } from '../app';
import type { ApiDeps } from '../deps';
import { startedShape } from '../shapes/operation';

export function driftRoutes(app: App, { store, messenger, settings }: ApiDeps): void {
  app.post(
    '/organizations/:org/drift-check',
    {
      config: { permission: 'checkDrift' },
      schema: {
        operationId: 'checkDrift',
        summary: 'Probe the arrangement now, in full; the status shows what was found',
        tags: ['drift'],
        security: secured,
        params: organizationParams,
        response: { 202: startedShape, ...refusals },
      },
    },
    async (request, reply) => {
      const { name } = callerFor(request).organization;
      const status = await store.status(name);
      if (status?.custody?.custody !== 'customer')
        throw new Refusal('STAGE_MISMATCH', 'not in customer custody: there is no key of theirs in use');
      await messenger.checkDrift({ organization: name });
      const url = `${settings.url}/v1/organizations/${name}/status`;
      reply.code(202).header('location', url);
      return { organization: name, status: url };
    },
  );
}

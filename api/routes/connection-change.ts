import { Refusal } from '../../domain/failure';
import { callerFor } from '../access';
import { type App, organizationParams, refusals, secured } from '../app';
import type { ApiDeps } from '../deps';
import { startedShape } from '../shapes/operation';
import { signedBy } from '../sign';

/** Another key, account or provider for an organization in customer custody; what follows are messages to the operation. */
export function connectionChangeRoutes(app: App, deps: ApiDeps): void {
  const { store, messenger, settings } = deps;

  app.post(
    '/organizations/:org/connection-change',
    {
      config: { permission: 'startConnectionChange', about: 'connection' },
      schema: {
        operationId: 'startConnectionChange',
        summary: 'Start a change of connection: another key, account or provider of the customer’s',
        tags: ['connection'],
        security: secured,
        params: organizationParams,
        response: { 202: startedShape, ...refusals },
      },
    },
    async (request, reply) => {
      const { organization, ...caller } = callerFor(request);
      const { name } = organization;
      const custody = (await store.status(name))?.custody ?? null;
      if (custody === null || custody.custody !== 'customer' || custody.sealing)
        throw new Refusal('NOT_CUSTOMER_CUSTODY');
      const input = await signedBy(deps, { ...caller, organization }, name, 'startConnectionChange', {
        organization: name,
      });
      await messenger.startConnectionChange(input);
      const url = `${settings.url}/v1/organizations/${name}/status`;
      reply.code(202).header('location', url);
      return { organization: name, status: url };
    },
  );
}

import { Refusal } from '../../domain/failure';
import { callerFor } from '../access';
import { type App, organizationParams, refusals, secured } from '../app';
import type { ApiDeps } from '../deps';
import { startedShape } from '../shapes/operation';
import { signedBy } from '../sign';

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
}

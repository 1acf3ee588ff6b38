import { Refusal } from '../../domain/failure';
import { callerFor } from '../access';
import { type App, organizationParams, refusals, secured } from '../app';
import type { ApiDeps } from '../deps';
import { startedShape } from '../shapes/operation';
import { signedBy } from '../sign';

const tags = ['offboarding'];

export function offboardingRoutes(app: App, deps: ApiDeps): void {
  const { store, messenger, settings } = deps;

  app.post(
    '/organizations/:org/offboarding',
    {
      config: { permission: 'startOffboarding', about: 'offboarding' },
      schema: {
        operationId: 'startOffboarding',
        summary:
          'Start the return to a platform key; it needs a key that answers, and approvals of both sides',
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
      const custody = status?.custody ?? null;
      if (custody === null || custody.custody !== 'customer' || custody.sealing)
        throw new Refusal('NOT_CUSTOMER_CUSTODY');
      if (status?.incident != null) throw new Refusal('INCIDENT_OPEN');
      const input = await signedBy(deps, { ...caller, organization }, name, 'startOffboarding', {
        organization: name,
      });
      await messenger.startOffboarding(input);
      const url = `${settings.url}/v1/organizations/${name}/status`;
      reply.code(202).header('location', url);
      return { organization: name, status: url };
    },
  );
}

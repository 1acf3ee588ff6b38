import { callerFor } from '../access';
import { type App, organizationParams, refusals, secured } from '../app';
import type { ApiDeps } from '../deps';
import { keysShape, rotationBody } from '../shapes/keys';
import { startedShape } from '../shapes/operation';
import { signedBy } from '../sign';
import { keysView } from '../status/keys';
import { demandCustomerCustody } from './starts';

const tags = ['rotation'];

export function rotationRoutes(app: App, deps: ApiDeps): void {
  const { store, messenger, settings } = deps;

  app.post(
    '/organizations/:org/rotation',
    {
      config: { permission: 'startRotation', about: 'rotation' },
      schema: {
        operationId: 'startRotation',
        summary: 'Wrap every live envelope anew; reads and writes go on',
        tags,
        security: secured,
        params: organizationParams,
        body: rotationBody,
        response: { 202: startedShape, ...refusals },
      },
    },
    async (request, reply) => {
      const { organization, ...caller } = callerFor(request);
      const { name } = organization;
      demandCustomerCustody(await store.status(name));
      const { newKeyVersion, reason } = request.body;
      const input = await signedBy(deps, { ...caller, organization }, name, 'startRotation', {
        organization: name,
        ...(newKeyVersion === undefined ? {} : { newKeyVersion }),
        ...(reason === undefined ? {} : { reason }),
      });
      await messenger.startRotation(input);
      const url = `${settings.url}/v1/organizations/${name}/keys`;
      reply.code(202).header('location', url);
      return { organization: name, status: url };
    },
  );

  app.get(
    '/organizations/:org/keys',
    {
      config: { permission: 'readStatus' },
      schema: {
        operationId: 'readKeys',
        summary: 'Which versions of the customer’s key are needed, and which are safe to disable',
        tags,
        security: secured,
        params: organizationParams,
        response: { 200: keysShape, ...refusals },
      },
    },
    async (request) => keysView(await store.keys(callerFor(request).organization.id)),
  );
}

import { z } from 'zod';
import { referenceInput } from '../../domain/credential-reference';
import { credentialLocator } from '../../domain/intake/credential-locator';
import { referenceName } from '../../domain/intake/reference';
import type { OrganizationRecord } from '../../store/contract';
import { type Caller, callerFor } from '../access';
import { type App, idempotent, organizationParams, refusals, secured } from '../app';
import type { ApiDeps } from '../deps';
import { recordingRefusals } from '../recorded-refusal';
import { confirmReference, referenceViews, registerReference, withdrawReference } from '../references';
import { referenceChangedShape, referencesShape } from '../shapes/references';

export const confirmationBody = z.strictObject({
  registration: z.int().nonnegative().describe('Ledger index of what was read, as the list has it'),
});

/** A version of a secret looks like a key; where the locator is of its grammar, it's a locator. */
const judged = { locator: credentialLocator };
const tags = ['credential references'];
const named = organizationParams.extend({ name: referenceName });

export function referenceRoutes(app: App, deps: ApiDeps): void {
  const { store } = deps;
  const recording = <T>(
    { organization, actor }: Caller & { organization: OrganizationRecord },
    work: () => Promise<T>,
  ) => recordingRefusals(store, { organization: organization.id, subject: 'reference', actor }, work);

  app.get(
    '/organizations/:org/credential-references',
    {
      config: { permission: 'readReferences' },
      schema: {
        operationId: 'listCredentialReferences',
        summary:
          'Registered credential references: who registered and confirmed each, for which key, until when',
        tags,
        security: secured,
        params: organizationParams,
        response: { 200: referencesShape, ...refusals },
      },
    },
    async (request) => ({ references: [...(await referenceViews(deps, callerFor(request)))] }),
  );

  app.post(
    '/organizations/:org/credential-references',
    {
      config: { permission: 'registerReference', about: 'reference', judged },
      schema: {
        operationId: 'registerCredentialReference',
        summary:
          'Register where a credential of the customer’s lies, or its renewal; counts once another person confirms it',
        tags,
        security: secured,
        params: organizationParams,
        headers: idempotent,
        body: referenceInput,
        response: { 201: referenceChangedShape, ...refusals },
      },
    },
    async (request, reply) => {
      const caller = callerFor(request);
      const registered = await recording(caller, () =>
        registerReference(deps, caller, request.body, request.headers['idempotency-key']),
      );
      reply.code(201);
      return registered;
    },
  );

  app.post(
    '/organizations/:org/credential-references/:name/confirmation',
    {
      config: { permission: 'confirmReference', about: 'reference' },
      schema: {
        operationId: 'confirmCredentialReference',
        summary: 'Confirm a registration that somebody else made',
        tags,
        security: secured,
        params: named,
        headers: idempotent,
        body: confirmationBody,
        response: { 201: referenceChangedShape, ...refusals },
      },
    },
    async (request, reply) => {
      const caller = callerFor(request);
      const { params, body, headers } = request;
      const confirmed = await recording(caller, () =>
        confirmReference(deps, caller, params.name, body.registration, headers['idempotency-key']),
      );
      reply.code(201);
      return confirmed;
    },
  );

  app.post(
    '/organizations/:org/credential-references/:name/withdrawal',
    {
      config: { permission: 'withdrawReference', about: 'reference' },
      schema: {
        operationId: 'withdrawCredentialReference',
        summary: 'End a reference: what counts and what waits',
        tags,
        security: secured,
        params: named,
        headers: idempotent,
        response: { 201: referenceChangedShape, ...refusals },
      },
    },
    async (request, reply) => {
      const caller = callerFor(request);
      const { params, headers } = request;
      const withdrawn = await recording(caller, () =>
        withdrawReference(deps, caller, params.name, headers['idempotency-key']),
      );
      reply.code(201);
      return withdrawn;
    },
  );
}

import type { RefusalSubject } from '../../domain/change';
import { Refusal } from '../../domain/failure';
import { STARTS, type Start } from '../../domain/stages';
import type { StatusRecord } from '../../store/contract';
import { callerFor } from '../access';
import { type App, organizationParams, refusals, secured } from '../app';
import type { ApiDeps } from '../deps';
import { startedShape } from '../shapes/operation';
import { signedBy } from '../sign';

interface StartRoute {
  readonly path: string;
  readonly about: RefusalSubject;
  readonly summary: string;
  readonly tag: string;
  /** What is plain at once; the claim judges all of it. @throws Refusal */
  demand(status: StatusRecord | null): void;
}

const ROUTES: Readonly<Record<Start, StartRoute>> = {
  startActivation: {
    path: 'activation',
    about: 'entitlement',
    summary: 'Start the activation of a customer-held key',
    tag: 'activation',
    demand: (status) => {
      // One that seals may have lost its run: another takes it over, and does nothing where it hasn't.
      if (isInCustomerCustody(status)) throw new Refusal('ALREADY_ACTIVE');
    },
  },
  startConnectionChange: {
    path: 'connection-change',
    about: 'connection',
    summary: 'Start a change of connection: another key, account or provider of the customer’s',
    tag: 'connection',
    demand: demandCustomerCustody,
  },
  startOffboarding: {
    path: 'offboarding',
    about: 'offboarding',
    summary: 'Start the return to a platform key; it needs a key that answers, and approvals of both sides',
    tag: 'offboarding',
    demand: (status) => {
      demandCustomerCustody(status);
      if (status?.incident != null) throw new Refusal('INCIDENT_OPEN');
    },
  },
};

/** What opens an operation that people approve; what follows are messages to it. */
export function startRoutes(app: App, deps: ApiDeps): void {
  const { store, messenger, settings } = deps;
  for (const start of STARTS) {
    const { path, about, summary, tag, demand } = ROUTES[start];
    app.post(
      `/organizations/:org/${path}`,
      {
        config: { permission: start, about },
        schema: {
          operationId: start,
          summary,
          tags: [tag],
          security: secured,
          params: organizationParams,
          response: { 202: startedShape, ...refusals },
        },
      },
      async (request, reply) => {
        const { organization, ...caller } = callerFor(request);
        const { name } = organization;
        demand(await store.status(name));
        const input = await signedBy(deps, { ...caller, organization }, name, start, { organization: name });
        await messenger[start](input);
        const url = `${settings.url}/v1/organizations/${name}/status`;
        reply.code(202).header('location', url);
        return { organization: name, status: url };
      },
    );
  }
}

/** And its activation is through. @throws Refusal NOT_CUSTOMER_CUSTODY */
export function demandCustomerCustody(status: StatusRecord | null): void {
  if (!isInCustomerCustody(status)) throw new Refusal('NOT_CUSTOMER_CUSTODY');
}

function isInCustomerCustody(status: StatusRecord | null): boolean {
  const custody = status?.custody ?? null;
  return custody !== null && custody.custody === 'customer' && !custody.sealing;
}

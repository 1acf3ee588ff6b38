import { z } from 'zod';
import { Refusal } from '../../domain/failure';
import type { IncidentId } from '../../domain/ids';
import { incidentMessages } from '../../domain/incident';
import { actorPayloadDigest } from '../../workflows/contract';
import { callerFor } from '../access';
import { type App, idempotent, organizationParams, refusals, secured } from '../app';
import type { ApiDeps } from '../deps';
import { incidentAcceptedShape, incidentShape, incidentsShape } from '../shapes/incident';
import { signedBy } from '../sign';
import { incidentView } from '../status/incident';

/** The body of each message: the recovery's own form of it, without the word who sent it, which is ours to say. */
export const incidentBodies = {
  probeNow: incidentMessages.probeNow.omit({ actor: true }),
  acknowledge: incidentMessages.acknowledge.omit({ actor: true }),
  annotate: incidentMessages.annotate.omit({ actor: true }),
} as const;

const ROUTES = [
  ['probeNow', 'probe', 'Look now whether the key answers, instead of at the next probe'],
  ['acknowledge', 'acknowledge', 'Put on record that somebody is on it'],
  ['annotate', 'annotate', 'Put on record what is known of it'],
] as const;

/** More than these aren't listed at once. */
const LISTED = 50;

export function incidentRoutes(app: App, deps: ApiDeps): void {
  const { store, messenger } = deps;
  const tags = ['incidents'];

  app.get(
    '/organizations/:org/incidents',
    {
      config: { permission: 'readStatus' },
      schema: {
        operationId: 'listIncidents',
        summary: `The newest ${LISTED} incidents, open and closed, with their evidence`,
        tags,
        security: secured,
        params: organizationParams,
        response: { 200: incidentsShape, ...refusals },
      },
    },
    async (request) => {
      const incidents = await store.incidents(callerFor(request).organization.id, LISTED);
      return { incidents: incidents.map(incidentView) };
    },
  );

  app.get(
    '/organizations/:org/incidents/:incident',
    {
      config: { permission: 'readStatus' },
      schema: {
        operationId: 'readIncident',
        summary: 'One incident with its evidence',
        tags,
        security: secured,
        params: organizationParams.extend({ incident: z.string().regex(/^[1-9]\d{0,17}$/, 'is a number') }),
        response: { 200: incidentShape, ...refusals },
      },
    },
    async (request) => {
      const id = request.params.incident as IncidentId;
      const incident = await store.incident(callerFor(request).organization.id, id);
      if (incident === null) throw new Refusal('INCIDENT_UNKNOWN');
      return incidentView(incident);
    },
  );

  for (const [action, path, summary] of ROUTES) {
    app.post(
      `/organizations/:org/incident/${path}`,
      {
        config: { permission: action, about: 'incident' },
        schema: {
          operationId: action,
          summary,
          description: 'To the recovery of the open incident.',
          tags,
          security: secured,
          params: organizationParams,
          headers: idempotent,
          body: incidentBodies[action],
          response: { 202: incidentAcceptedShape, ...refusals },
        },
      },
      async (request, reply) => {
        const caller = callerFor(request);
        const { name } = caller.organization;
        const key = request.headers['idempotency-key'];
        const message = await signedBy(deps, caller, name, action, { ...request.body }, 'update', key);
        const { incident, payloadDigest } = await messenger.updateIncident(name, action, message, key);
        if (payloadDigest !== actorPayloadDigest(message)) throw new Refusal('IDEMPOTENCY_KEY_REUSED');
        reply.code(202);
        return { incident, action };
      },
    );
  }
}

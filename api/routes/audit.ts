import { callerFor } from '../access';
import { type App, organizationParams, refusals, secured } from '../app';
import type { ApiDeps } from '../deps';
import { auditShape } from '../shapes/audit';
import { startedShape } from '../shapes/operation';
import { auditView } from '../status/audit';

const tags = ['audit'];

/** For the operator's own people: what audits found of a ledger. */
export function auditRoutes(app: App, { store, settings }: ApiDeps): void {
  app.get(
    '/organizations/:org/audit',
    {
      config: { permission: 'readAudit' },
      schema: {
        operationId: 'readAudit',
        summary: 'What the latest audit found of the ledger',
        tags,
        security: secured,
        params: organizationParams,
        response: { 200: auditShape, ...refusals },
      },
    },
    async (request) => auditView(await store.lastAudit(callerFor(request).organization.id)),
  );

  app.post(
    '/organizations/:org/audit',
    {
      // Of a ledger that is behind above all.
      config: { permission: 'runAudit', whileBehind: true },
      schema: {
        operationId: 'runAudit',
        summary: 'Have the ledger audited by the schedule’s next run, from its first entry on',
        tags,
        security: secured,
        params: organizationParams,
        response: { 202: startedShape, ...refusals },
      },
    },
    async (request, reply) => {
      const { id, name } = callerFor(request).organization;
      await store.auditSoon(id);
      const url = `${settings.url}/v1/organizations/${name}/audit`;
      reply.code(202).header('location', url);
      return { organization: name, status: url };
    },
  );
}
